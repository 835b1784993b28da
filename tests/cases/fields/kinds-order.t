# JSON records that became text among others print their fields in their own order, whichever batch they came in
file j.ndjson
  {"a":"x","k":1}
  {"k":3,"a":"y"}
file p.csv
  a,k
  z,2
file both.sh
  for defaults in '{}' '{batch: {records: 1}}'; do
    printf 'defaults: %s\nstages:\n' "$defaults" > both.yaml
    printf '  - %s\n' 'io.read: j.ndjson' '{use: json.parse, id: j}' '{use: io.read, with: {path: p.csv}}' 'csv.parse:' >> both.yaml
    printf '  - %s\n' '{use: flow.merge, with: {by: k}, from: [j, csv.parse]}' 'text.replace: {pattern: nosuch}' "$@" >> both.yaml
    pipe run both.yaml
  done
file some.ndjson
  {"a":"x","b":1,"k":1}
  {"a":"x"}
  {"b":3,"a":"y"}
  {"a":"x","b":1}
  {"b":3,"a":"y"}
file some.csv
  a,b,k
  z,5,2
  z,,
  z,7,
file apart.sh
  for defaults in '{}' '{batch: {records: 1}}'; do
    printf 'defaults: %s\nstages:\n' "$defaults" > apart.yaml
    printf '  - %s\n' 'io.read: some.ndjson' 'json.parse:' '{use: sort, id: s1, with: {by: k}}' \
      '{use: io.read, id: r2, with: {path: some.csv}}' 'csv.parse:' '{use: sort, id: s2, with: {by: k}}' \
      '{use: flow.merge, with: {by: k}, from: [s1, s2]}' 'json.format:' 'text.replace: {pattern: nosuch}' \
      '{use: json.get, with: {path: k, missing: fail}, on_error: {to: dead}}' 'io.discard:' \
      '{use: flow.batch, id: dead, with: {records: 2}}' '{use: map, id: last, from: dead, with: {attempts: 0}}' 'fields.keep: [a, b]' >> apart.yaml
    pipe run apart.yaml 2> err
  done
$ sh both.sh 'map: {z: 1}'
> {"a":"x","k":1,"z":1}
> {"a":"z","k":2,"z":1}
> {"k":3,"a":"y","z":1}
> {"a":"x","k":1,"z":1}
> {"a":"z","k":2,"z":1}
> {"k":3,"a":"y","z":1}
exit 0
$ sh both.sh 'tail: 2' 'fields.drop: [nosuch]'
> {"a":"z","k":2}
> {"k":3,"a":"y"}
> {"a":"z","k":2}
> {"k":3,"a":"y"}
exit 0
# the same where batches of such records are joined, after they went apart
$ sh apart.sh
> {"a":"x"}
> {"b":3,"a":"y"}
> {"a":"x","b":1}
> {"b":3,"a":"y"}
> {"a":"x"}
> {"b":3,"a":"y"}
> {"a":"x","b":1}
> {"b":3,"a":"y"}
exit 0
