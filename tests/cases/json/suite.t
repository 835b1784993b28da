# JSONTestSuite. A record is an object, so each document stands as the value of a member: y_ are taken, n_ refused, i_ either
$ set -e
  suite=$(cd -P examples; pwd)/../tests/data/JSONTestSuite
  cp "$suite"/*.json .
  head -c 100000 /dev/zero | tr '\0' '[' >n_structure_100000_opening_arrays.json
  yes '[{"":' | head -n 50000 | tr -d '\n' >n_structure_open_array_object.json
  mkdir members
  for f in *.json; do { printf '{"v":'; cat "$f"; printf '}'; } >"members/$f"; done
  ls | cut -c1-2 | grep _ | uniq -c | tr -s ' '
>  35 i_
>  188 n_
>  95 y_
$ for kind in y n; do for stage in 'json.parse: {strict: true}' 'json.parse'; do
    pipe run --log-level error -e "io.read: {path: 'members/${kind}_*', framing: none} | {$stage, on_error: skip} | agg.count"
  done; done
> {"count":95}
> {"count":95}
> {"count":0}
> {"count":0}
# i_: what is no UTF-8, or no JSON at all, is refused; numbers beyond any range, lone surrogates and 500 arrays in one another are taken
$ for stage in 'json.parse: {strict: true}' 'json.parse'; do
    pipe run --log-level error -e "io.read: {path: 'members/i_*', framing: none} | {$stage, on_error: skip} | agg.count"
  done
> {"count":21}
> {"count":31}
# whoever looks into the value, or renders it anew, meets no fault that json.parse let through
$ pipe run -e "io.read: {path: 'members/y_*', framing: none} | json.parse | map: {w: v} | json.format | json.parse: {strict: true} | where: v == w or v != v | agg.count"
> {"count":95}
# as they are: ten documents of y_ are objects, and two more with a key that comes twice, which `strict` refuses
$ for stage in 'json.parse: {strict: true}' 'json.parse'; do
    pipe run --log-level error -e "io.read: {path: 'y_*', framing: none} | {$stage, on_error: skip} | agg.count"
    pipe run --log-level error -e "io.read: {path: 'n_*', framing: none} | {$stage, on_error: skip} | agg.count"
  done
> {"count":10}
> {"count":0}
> {"count":12}
> {"count":0}
# parse_json takes what json.parse does, and any value; one of y_ is null, which is also its answer to what is no JSON
$ for kind in y n i; do
    pipe run --log-level error -e "io.read: {path: '${kind}_*', framing: none} | text.regex: '(?s)^(?<doc>.*)$' | where: not is_null(parse_json(doc)) | agg.count"
  done
> {"count":94}
> {"count":0}
> {"count":31}
