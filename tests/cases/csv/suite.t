# csv-spectrum: what each file holds, as JSON lines; every field is text there
$ suite=$(cd -P examples; pwd)/../tests/data/csv-spectrum
  for f in "$suite"/*.csv; do
    name=$(basename "$f" .csv)
    pipe run -e 'csv.parse: {infer: false} | json.format' "$f" >"$name" && cmp "$name" "$suite/$name.ndjson" && echo "$name"
  done
> comma_in_quotes
> empty
> empty_crlf
> escaped_quotes
> json
> location_coordinates
> newlines
> newlines_crlf
> quotes_and_newlines
> simple
> simple_crlf
> utf8
# and csv.format gives records that csv.parse reads as the same
$ suite=$(cd -P examples; pwd)/../tests/data/csv-spectrum
  for f in "$suite"/*.csv; do
    name=$(basename "$f" .csv)
    pipe run -e 'csv.parse: {infer: false} | csv.format | csv.parse: {infer: false} | json.format' "$f" | cmp - "$suite/$name.ndjson"
  done
