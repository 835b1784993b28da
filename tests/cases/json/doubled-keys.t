# of a key that comes twice the first one counts; strict refuses it
$ pipe run -e 'json.parse | where: a == 1'
< {"a":1,"a":2}
> {"a":1,"a":2}
$ pipe run -e 'json.parse: {strict: true}'
< {"a":1,"b":3,"a":2}
! …the key 'a' stands there twice…
exit 1
# one key may be written in several ways, or be empty
$ pipe run -e '{use: json.parse, with: {strict: true}, on_error: skip}'
< {"a":1,"\u0061":2}
< {"":1,"":2}
< {"\u0061":1,"ab":2}
> {"\u0061":1,"ab":2}
! …the key 'a' stands there twice…
! …the key '' stands there twice…
exit 0
