# tests/cases/json/known-shape.t: what records before had does not hide a fault, another order, or a member that is missing
$ pipe run -e 'json.parse | map: {s: b, n: c} | json.format: [a, s, n]'
< {"a":1,"b":"x","c":2}
< {"a":1,"b":"x","c":2}
< {"c":-3,"b":"y \"q\"","a":"z"}
< {"a": 1, "b": "x",  "c" : 2.50 }
< {"a":1,"c":2}
< {"a":null,"b":["x"],"c":{"a":7}}
< {"b":"first","b":"second","a":5}
< {"a":1,"b":"x","c":2}
> {"a":1,"s":"x","n":2}
> {"a":1,"s":"x","n":2}
> {"a":"z","s":"y \"q\"","n":-3}
> {"a":1,"s":"x","n":2.50}
> {"a":1,"s":null,"n":2}
> {"a":null,"s":["x"],"n":{"a":7}}
> {"a":5,"s":"first","n":null}
> {"a":1,"s":"x","n":2}
exit 0

$ pipe run -e '{use: json.parse, on_error: skip} | json.format: [a]'
< {"a":1,"b":"x","c":2}
< {"a":1{"a":2,"b":"x","c":2}
< {"a":2,"b":"x,"c":2}
< {"a":3,"b":"x","c":02}
< {"a":4,"b":"x","c":2},
< {"a":5,"b":"x\q","c":2}
< {"a":6,"b":"x","c":2}
> {"a":1}
> {"a":6}
! …byte 7: expected ',' or '}'…
! …byte 16: expected ',' or '}'…
! …byte 20: '02' is no JSON number…
! …byte 22: more text behind the value…
! …byte 14: an unknown escape in a string…
exit 0

# a backslash behind a string, where the quote that then seems to be a part of it stands as the closing one did before
$ pipe run -e '{use: json.parse, on_error: skip} | json.format: [a]'
< {"a":"x"}
< {"a":""\"}
< {"a":"y","b":{"c":"z"}}
< {"a":"y","b":{"c":"z"\"}}
< {"a":"\"","b":{"c":"\"z\\"}}
> {"a":"x"}
> {"a":"y"}
> {"a":"\""}
! …byte 8: expected ',' or '}'…
! …byte 22: expected ',' or '}'…
exit 0
