# records of several inputs, side by side
file z.yaml
  stages:
    - id: a
      io.read: a
    - id: b
      io.read: b
    - flow.zip: {separator: '${1:-\t}', longest: "${2:-false}"}
      from: [a, b]
file f.yaml
  stages:
    - id: a
      io.generate: 5
    - id: left
      map: {x: n * 10, z: 1}
    - id: b
      io.generate: {count: 100000, first: 1001}
    - id: right
      map: {y: n + 1, n: 7}
    - flow.zip: {}
      from: [left, right]
    - text.format: '{n} {x} {y}'
$ seq 1 50000 > a; seq 7 40006 > b
$ pipe run z.yaml > mine; paste a b | head -n 40000 | cmp - mine
$ pipe run z.yaml ' | ' true > mine; awk 'NR <= 40000 {print NR " | " NR + 6} NR > 40000 {print NR " | "}' a | cmp - mine
$ printf 'x\n' > a; printf '1\n2' > b; pipe run z.yaml - true
> x-1
> -2
$ pipe run f.yaml
> 1 10 1002
> 2 20 1003
> 3 30 1004
> 4 40 1005
> 5 50 1006
