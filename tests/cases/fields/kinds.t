# JSON and other records that meet in one batch: a JSON record keeps its text, each is changed by its own rule
file j.ndjson
  {"k": 3, "a": 1, "a": 2}
  {"k" : 1,"b":{"c": 1, "c":2}}
  {"k": 2, "b": {"d":1}}
file p.kv
  k=5 x=1
  k=4 b=7 y=2
  k=0
file both.sh
  # the stages behind a sort of both, with the records in one batch and one at a time
  rm -f first
  for defaults in '{}' '{batch: {records: 1}}' '{batch: {bytes: 1KiB}, memory: 1MiB}'; do
    printf 'defaults: %s\nstages:\n' "$defaults" > both.yaml
    printf '  - %s\n' 'io.read: j.ndjson' '{use: json.parse, id: j}' '{use: io.read, with: {path: p.kv}}' 'text.kv:' >> both.yaml
    printf '  - {use: sort, with: {by: k}, from: [j, text.kv]}\n' >> both.yaml
    printf '  - %s\n' "$@" >> both.yaml
    pipe run both.yaml > out 2> err || { cat err; exit; }
    [ -e first ] || cp out first
    cmp first out || exit
  done
  cat first
$ sh both.sh 'map: {z: k + 1, b.c: 5}'
> {"k":0,"z":1,"b.c":5}
> {"k" : 1,"b":{"c": 5},"z":2}
> {"k": 2, "b": {"d":1,"c":5},"z":3}
> {"k": 3, "a": 1, "a": 2,"z":4,"b.c":5}
> {"b":7,"k":4,"y":2,"z":5,"b.c":5}
> {"k":5,"x":1,"z":6,"b.c":5}
exit 0
$ sh both.sh 'json.format:'
> {"k":0}
> {"k" : 1,"b":{"c": 1, "c":2}}
> {"k": 2, "b": {"d":1}}
> {"k": 3, "a": 1, "a": 2}
> {"b":7,"k":4,"y":2}
> {"k":5,"x":1}
exit 0
$ sh both.sh 'fields.rename: {b.d: b.e}' 'where: b.e > 0 or b == 7' 'tail: 10' 'fields.drop: [nosuch]'
> {"k": 2, "b": {"e":1}}
> {"b":7,"k":4,"y":2}
exit 0
$ sh both.sh "text.regex: {pattern: '(?<q>[02]),?', unmatched: pass}" 'fields.fill: {q: 9}' 'sort: -k' 'fields.drop: [b, y, a]'
> {"k":5,"x":1,"q":9}
> {"k":4,"q":2}
> {"k": 3,"q":2}
> {"k": 2,"q":2}
> {"k" : 1,"q":2}
> {"k":0,"q":0}
exit 0
# what gives records new bytes gives them to all, those that it leaves as they were included
$ sh both.sh "text.replace: {pattern: 'x', with: z}" 'fields.drop: [k]'
> {}
> {"b":{"c": 1, "c":2}}
> {"b":{"d":1}}
> {"a":1}
> {"b":7,"y":2}
> {"x":1}
exit 0
