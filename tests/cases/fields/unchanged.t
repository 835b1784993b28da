# whether a record of fields is rendered goes by the stages, not by what other records of its batch hold
file kv.txt
  a=1 n=" 2"
  b=3
  a=1 n="x"
  a=4
file ports.csv
  n,v
  1,9
file each.sh
  # what comes out must be the same with all records in one batch and one at a time
  pipe run -e "text.kv | $1" kv.txt > together || exit
  pipe run -e "io.read: kv.txt | {text.kv: {}, batch: {records: 1}} | {$1, batch: {records: 1}}" > single || exit
  cmp together single && cat single
$ sh each.sh 'fields.time: {field: a, to: iso}'
> {"a":"1970-01-01T00:00:01Z","n":" 2"}
> {"b":3}
> {"a":"1970-01-01T00:00:01Z","n":"x"}
> {"a":"1970-01-01T00:00:04Z"}
$ sh each.sh 'text.trim: [n]'
> {"a":1,"n":"2"}
> {"b":3}
> {"a":1,"n":"x"}
> {"a":4}
$ sh each.sh 'text.case: {to: upper, fields: [n]}'
> {"a":1,"n":" 2"}
> {"b":3}
> {"a":1,"n":"X"}
> {"a":4}
$ sh each.sh 'fields.fill: {n: 7}'
> {"a":1,"n":" 2"}
> {"b":3,"n":7}
> {"a":1,"n":"x"}
> {"a":4,"n":7}
$ sh each.sh 'fields.cast: {a: text}'
> {"a":"1","n":" 2"}
> {"b":3}
> {"a":"1","n":"x"}
> {"a":"4"}
$ sh each.sh 'json.explode: a'
> {"a":1,"n":" 2"}
> {"a":1,"n":"x"}
> {"a":4}
$ sh each.sh 'fields.join: {file: ports.csv, on: a, key: n}'
> {"a":1,"n":" 2","v":9}
> {"b":3}
> {"a":1,"n":"x","v":9}
> {"a":4}
# a record of which a script sets no field stays as it was
$ sh each.sh 'lua.map: "if r.n then r.c = 5 end"'
> {"a":1,"n":" 2","c":5}
> b=3
> {"a":1,"n":"x","c":5}
> a=4
# JSON is edited in place, so nothing changes where nothing is to be changed
$ pipe run -e 'json.parse | fields.fill: {n: 7}'
< { "n" : 1.0 }
< { "m" : 1 }
> { "n" : 1.0 }
> { "m" : 1,"n":7 }
# what is selected behind such a stage
$ pipe run -e 'text.kv | fields.fill: {a: 7} | head: 1 | tail: 1' kv.txt
> {"a":1,"n":" 2"}
