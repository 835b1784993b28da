# fields get other names where they stand
$ pipe run -e 'json.parse | fields.rename: {a: x, c: y}'
< {"a":1,"b":2,"c":3}
< {"b":2}
> {"x":1,"b":2,"y":3}
> {"b":2}
$ pipe run -e 'json.parse | fields.rename: {a: b, b: a}'
! …
! …is an old name and a new one…
! …
exit 2
# two names of one field: a record without the old name keeps what it has under the new one
$ pipe run -e 'text.kv | fields.rename: {lvl: level} | text.format: "{level}"'
< lvl=warn
< level=info
< lvl=a level=b
> warn
> info
> a
