# fields that are attached to JSON records, beside their text: who names them to be kept or renamed gets them
file dead.yaml
  stages:
    - json.parse
    - fields.cast: {n: int}
      on_error: {to: dead}
    - id: dead
      use: fields.keep
      with: {fields: [stage, n, error]}
$ pipe run dead.yaml
< {"n":1,"x":2}
< {"n":"one","x":3}
> {"n":1,"x":2}
> {"n":"one","stage":"fields.cast","error":"the field 'n' is no whole number of 64 bits: 'one'"}
! …warning: …the order that they had is lost
! …
! …
$ pipe run -e 'json.parse | text.regex: {pattern: x(?<q>.), unmatched: pass} | fields.keep: [q, b]'
< {"a":"xy","b":1}
< {"a":"b"}
> {"b":1,"q":"y"}
> {}
$ pipe run -e 'json.parse | text.regex: x(?<q>.) | fields.rename: {q: z}'
< {"a":"xy","b":1}
> {"a":"xy","b":1,"z":"y"}
$ pipe run -e 'json.parse | text.regex: x(?<q>.) | fields.rename: {q: a}'
< {"a":"xy","b":1}
> {"a":"y","b":1}
# of rows that were chosen, sorted, changed again
$ pipe run -e 'json.parse | text.regex: x(?<q>.) | where: b > 1 | sort: q | fields.keep: [q, b] | map: {c: q} | fields.drop: [q] | json.format'
< {"a":"xz","b":3}
< {"a":"xy","b":1}
< {"a":"xw","b":2}
> {"b":2,"c":"w"}
> {"b":3,"c":"z"}
# a member of the text stays what it is
$ pipe run -e 'json.parse | text.regex: x(?<q>.) | fields.keep: [q]'
< {"q":1,"a":"xy"}
> {"q":1}
# what nobody names stays beside the text
$ pipe run -e 'json.parse | text.regex: x(?<q>.) | fields.drop: [b]'
< {"a":"xy","b":1}
> {"a":"xy"}
