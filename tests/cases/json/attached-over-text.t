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
$ sh run.sh 'text.case: {to: lower, fields: [q]}'
> {"q":"Text"}
> {"k":1, "q":"\"q\":\"x"}
> {"q":"Text"}
> {"k":1, "q":"\"q\":\"x"}
exit 0
