# map: fields are set in order, each sees those before it; existing ones change in place
$ pipe run -e 'json.parse | map: {b: a * 2, a: a + 1, c: a + b}'
< {"x":"y","a":1}
> {"x":"y","a":2,"b":2,"c":4}
# a missing field is null: it does not take away the field that is set
$ pipe run -e 'json.parse | map: {a: n, b: o.x, c: a ?? 5}'
< {"a":1,"o":{}}
< {"a":1,"n":2}
> {"a":null,"o":{},"b":null,"c":5}
> {"a":2,"n":2,"b":null,"c":2}
# an empty text that is the first one made is a text
$ pipe run -e "json.parse | map: {q: upper(a)} | {use: fields.cast, with: {q: int}, on_error: skip}"
< {"a":""}
< {"a":"7"}
> {"a":"7","q":7}
! …
