# fields are written in the order in which their record got them, whatever other records of the batch had before
file kv.txt
  a=1 z=2
  a=1 k=0 z=2
  k=5
file each.sh
  # what comes out must be the same with all records in one batch and one at a time
  pipe run -e "$1" "$2" > together || exit
  pipe run -e "io.read: $2 | {text.grep: '', batch: {records: 1}} | $1" > single || exit
  cmp together single && cat single
file own.ndjson
  {"b":1,"a":2}
  {"a":3,"c":{"d":4},"b":5}
  {"\u0061":6}
$ sh each.sh 'text.kv | map: {k: 9, y: a}' kv.txt
> {"a":1,"z":2,"k":9,"y":1}
> {"a":1,"k":9,"z":2,"y":1}
> {"k":9,"y":null}
$ sh each.sh 'text.kv | fields.fill: {k: 7} | fields.rename: {z: y} | map: {z: k} | where: z > 0' kv.txt
> {"a":1,"y":2,"k":7,"z":7}
> {"k":5,"z":5}
$ sh each.sh 'text.kv | fields.keep: [k, z] | fields.fill: {k: 7} | flow.batch: 10 | json.format' kv.txt
> {"z":2,"k":7}
> {"k":0,"z":2}
> {"k":5}
$ sh each.sh "text.kv | lua.map: 'if r.a then r.k = 1 end' | json.format" kv.txt
> {"a":1,"z":2,"k":1}
> {"a":1,"k":1,"z":2}
> {"k":5}
# of JSON records that became other texts: the order of their members
$ sh each.sh "json.parse | text.format: '{a}' | map: {n: a + 1}" own.ndjson
> {"b":1,"a":2,"n":3}
> {"a":3,"c":{"d":4},"b":5,"n":4}
> {"a":6,"n":7}
$ sh each.sh "json.parse | text.format: '{a}' | json.format" own.ndjson
> {"b":1,"a":2}
> {"a":3,"c":{"d":4},"b":5}
> {"a":6}
$ sh each.sh "text.regex: {pattern: '(?<a>k)', unmatched: pass} | map: {x: 1} | fields.fill: {a: 0}" kv.txt
> {"a":0,"x":1}
> {"a":"k","x":1}
> {"a":"k","x":1}
