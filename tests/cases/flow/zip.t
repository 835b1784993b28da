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
file branches.yaml
  defaults: {memory: 1MiB}
  stages:
    - io.read: many
    - id: parsed
      json.parse: {}
    - id: few
      where: 'n % 100000 == 0'
    - id: before
      from: parsed
      map: {m: n}
    - flow.zip: {}
      from: [few, before]
file own.yaml
  defaults: {batch: {records: '${1}'}}
  stages:
    - {id: a, io.read: a}
    - {id: left, text.kv: , from: a}
    - {id: b, io.read: b}
    - {id: right, text.kv: , from: b}
    - flow.zip: {}
      from: [left, right]
    - text.format: '{k} {x}'
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
# branches of one source that drop unequally: the one that runs ahead is taken in, on disk if need be
$ seq 1000000 | sed 's/.*/{"n":&}/' > many; pipe run branches.yaml > out; tail -n 1 out; wc -l < out
> {"n":1000000}	{"n":10,"m":10}
> 10
$ sed 's,before\],parsed],; /id: before/,/map:/d' branches.yaml > whole.yaml; pipe run whole.yaml | tail -n 1
> {"n":1000000}	{"n":10}
$ pipe check --explain branches.yaml | grep 'flow.zip:'
>   -> flow.zip: 4 batches, more while another branch of the same source is behind, which spills beyond 512KiB
>   -> flow.zip: 4 batches, more while another branch of the same source is behind, which spills beyond 512KiB
# of records with fields of their own, that of the first one that has it
$ printf 'k=1\nx=2\n' > a; printf 'k=3 x=4\nk=5 x=6\n' > b; pipe run own.yaml 100; pipe run own.yaml 1
> 1 4
> 5 2
> 1 4
> 5 2
