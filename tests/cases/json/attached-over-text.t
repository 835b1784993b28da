# a member that an attached field of its name hides stays where it is, whether the records beside it have that field or not
file in.ndjson
  {"q":"Text"}
  {"k":1, "q":"x y"}
file run.sh
  for defaults in '{}' '{batch: {records: 1}}'; do
    printf 'defaults: %s\nstages:\n' "$defaults" > run.yaml
    printf '  - %s\n' 'io.read: in.ndjson' 'json.parse:' "text.fields: [a, q]" "$@" >> run.yaml
    pipe run run.yaml
  done
file path.ndjson
  {"a":{"b":1},"d":{"b":5},"c":2}
  {"c":3}
file path.sh
  for defaults in '{}' '{batch: {records: 1}}'; do
    printf 'defaults: %s\nstages:\n' "$defaults" > run.yaml
    printf '  - %s\n' 'io.read: path.ndjson' 'json.parse:' "text.regex: '(?<a>.)}$'" "$@" >> run.yaml
    pipe run run.yaml
  done
$ sh run.sh 'text.case: {to: lower, fields: [q]}'
> {"q":"Text"}
> {"k":1, "q":"\"q\":\"x"}
> {"q":"Text"}
> {"k":1, "q":"\"q\":\"x"}
# what is done within that member leaves the attached one what it is
$ sh path.sh 'map: {a.b: 7}' 'map: {y: a}'
> {"a":{"b":7},"d":{"b":5},"c":2,"y":2}
> {"c":3,"a.b":7,"y":3}
> {"a":{"b":7},"d":{"b":5},"c":2,"y":2}
> {"c":3,"a.b":7,"y":3}
$ sh path.sh 'fields.drop: [a.b]' 'map: {y: a}'
> {"a":{},"d":{"b":5},"c":2,"y":2}
> {"c":3,"y":3}
> {"a":{},"d":{"b":5},"c":2,"y":2}
> {"c":3,"y":3}
# but for one that the text says itself
$ sh path.sh 'map: {a: d}' 'map: {a.b: 7}' 'map: {y: a}' | sort -u
> {"a":{"b":7},"d":{"b":5},"c":2,"y":{"b":7}}
> {"c":3,"a":null,"a.b":7,"y":null}
exit 0
