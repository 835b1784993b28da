# of a key that comes twice the first one counts; strict refuses it
$ pipe run -e 'json.parse | where: a == 1'
< {"a":1,"a":2}
> {"a":1,"a":2}
$ pipe run -e 'json.parse: {strict: true}'
< {"a":1,"b":3,"a":2}
! …the key 'a' stands there twice…
exit 1
