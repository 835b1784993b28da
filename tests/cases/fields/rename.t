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
