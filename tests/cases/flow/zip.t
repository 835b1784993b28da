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
      where: 'n % 20000 == 0'
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
file order.yaml
  defaults: {batch: {records: '${1}'}}
  stages:
    - {id: a, io.read: a}
    - {id: left, text.kv: , from: a}
    - {id: b, io.read: b}
    - {id: right, PARSE: , from: b}
    - flow.zip: {}
      from: [left, right]
    - json.format
file dotted.yaml
  stages:
    - {id: a, io.read: a}
    - {id: left, json.parse: , from: a}
    - {id: one, flow.batch: '${1}'}
    - {id: b, io.read: b}
    - {id: right, json.parse: , from: b}
    - {id: two, flow.batch: '${1}'}
    - flow.zip: {}
      from: [one, two]
    - json.format
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
$ seq 200000 | sed 's/.*/{"n":&}/' > many; pipe run branches.yaml > out; tail -n 1 out; wc -l < out
> {"n":200000}	{"n":10,"m":10}
> 10
$ sed 's,before\],parsed],; /id: before/,/map:/d' branches.yaml > whole.yaml; pipe run whole.yaml | tail -n 1
> {"n":200000}	{"n":10}
$ pipe check --explain branches.yaml | grep 'flow.zip:'
>   -> flow.zip: 4 batches, more while another branch of the same source is behind, which spills beyond 512KiB
>   -> flow.zip: 4 batches, more while another branch of the same source is behind, which spills beyond 512KiB
# of records with fields of their own, that of the first one that has it
$ printf 'k=1\nx=2\n' > a; printf 'k=3 x=4\nk=5 x=6\n' > b; pipe run own.yaml 100; pipe run own.yaml 1
> 1 4
> 5 2
> 1 4
> 5 2
# a field a.b of one record is none of another that has a path of that name, whichever share a batch
$ printf '{"x":1}\n{"x":2}\n' > a; printf '{"a.b":5,"a":1}\n{"a":{"b":1}}\n' > b; for n in 1 100; do pipe run dotted.yaml $n; done
> {"x":1,"a.b":5,"a":1}
> {"x":2,"a":{"b":1}}
> {"x":1,"a.b":5,"a":1}
> {"x":2,"a":{"b":1}}
$ printf '{"a.b":1}\n{"a":{"b":2}}\n' > a; printf '{"a.b":5}\n{"a.b":6}\n' > b; for n in 1 100; do pipe run dotted.yaml $n; done
> {"a.b":1}
> {"a":{"b":2},"a.b":6}
> {"a.b":1}
> {"a":{"b":2},"a.b":6}
# a record that is changed has the fields of all inputs, whichever share a batch: two JSON texts side by side are none
$ printf '{"x":1}\n{"x":2}\n{}\n' > a; printf '{"y":3}\n{"x":4,"y":5}\n{"x":6}\n' > b; for n in 1 100; do sed 's/json.format/map: {c: 1}/' dotted.yaml | pipe run - $n; done
> {"x":1,"y":3,"c":1}
> {"x":2,"y":5,"c":1}
> {"x":6,"c":1}
> {"x":1,"y":3,"c":1}
> {"x":2,"y":5,"c":1}
> {"x":6,"c":1}
# what another input adds to a record stands in the order in which that one's record has it, however the records come together
$ printf 'x=1\nb=2\nx=3\n' > a; printf 'b=1 a=2\na=3\nz=4 c=5\n' > b; for n in 1 100; do sed 's/PARSE/text.kv/' order.yaml | pipe run - $n; done
> {"x":1,"a":2,"b":1}
> {"b":2,"a":3}
> {"x":3,"c":5,"z":4}
> {"x":1,"a":2,"b":1}
> {"b":2,"a":3}
> {"x":3,"c":5,"z":4}
$ printf '{"b":1,"a":2}\n{"a":3,"b":1}\n{}\n' > b; for n in 1 100; do sed 's/PARSE/json.parse/' order.yaml | pipe run - $n; done
> {"x":1,"b":1,"a":2}
> {"b":2,"a":3}
> {"x":3}
> {"x":1,"b":1,"a":2}
> {"b":2,"a":3}
> {"x":3}
$ printf 'z,b,a\n1,2,3\n4,5,6\n7,8,9\n' > b; for n in 1 100; do sed 's/PARSE/csv.parse/' order.yaml | pipe run - $n; done
> {"x":1,"z":1,"b":2,"a":3}
> {"b":2,"z":4,"a":6}
> {"x":3,"z":7,"b":8,"a":9}
> {"x":1,"z":1,"b":2,"a":3}
> {"b":2,"z":4,"a":6}
> {"x":3,"z":7,"b":8,"a":9}

# what it does not take
$ pipe check -e "flow.zip: 1"
! -e:1:11: error: flow.zip takes named options, no value of its own
! …
exit 2
