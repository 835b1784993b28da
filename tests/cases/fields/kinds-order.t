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
