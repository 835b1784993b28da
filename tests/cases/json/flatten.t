# nested members get dotted names; what is empty stays, values keep their text
$ pipe run -e 'json.parse | json.flatten'
< {"a":{"b":1.0,"c":{"d":"x\ny"}},"e":[{"f":1}],"g":{},"h\"":{"i":null}}
< {}
< { "a" : { } , "b" : { "c" : [ ] } }
> {"a.b":1.0,"a.c.d":"x\ny","e":[{"f":1}],"g":{},"h\".i":null}
> {}
> {"a":{ },"b.c":[ ]}
$ pipe run -e 'json.parse | json.flatten: {arrays: true} | where: `a.1.b` == 2'
< {"a":[[1,2],{"b":2}],"c":[]}
> {"a.0.0":1,"a.0.1":2,"a.1.b":2,"c":[]}
$ pipe run -e 'json.parse | json.flatten | where: a.b == 1 | csv.format'
< {"a":{"b":1,"c":2}}
< {"a":{"b":2,"c":3}}
> a.b,a.c
> 1,2
# changed records, records of a fold, and what is no object
$ pipe run -e 'json.parse | map: {a.x: 2} | json.flatten'
< {"a":{"b":1}}
> {"a.b":1,"a.x":2}
$ pipe run -e '{json.flatten: {}, on_error: skip}'
< {"a":{"b":1}}
< [1]
< {"a":
> {"a.b":1}
! …no JSON object: '[1]'…
! …no JSON object: '{"a":'…
exit 0
# a thousand levels
$ awk 'BEGIN {for (i = 0; i < 999; i++) printf "{\"a\":"; printf "1"; for (i = 0; i < 999; i++) printf "}"; print ""}' > deep
$ pipe run -e 'json.parse | json.flatten: /' deep | tr -cd a | wc -c
> 999
$ pipe run -e 'json.flatten: {separator: "\""}'
! …
! …cannot stand in it…
! …
exit 2
# where two members get one name the first one counts, in whatever spelling
$ pipe run -e 'json.parse | json.flatten'
< {"a":{"b":1},"a.b":2,"c":3}
< {"a.b":2,"a":{"b":1,"c.d":{"e":1}},"a.c":{"d.e":5}}
< {"a\u002eb":1,"a":{"b":2}}
> {"a.b":1,"c":3}
> {"a.b":2,"a.c.d.e":1}
> {"a\u002eb":1}
$ echo '{"a_":{"b":1},"a":{"_b":2},"c":{"d":3}}' | pipe run -e 'json.parse | json.flatten: __'
> {"a___b":1,"c__d":3}
# of a key that the input has twice the first one counts, as everywhere
$ pipe run -e 'json.flatten'
< {"a":1,"b":2,"a":3}
< {"a":{"b":1},"a":{"c":2},"d":{"e":1,"\u0065":2}}
< {"a":{"b":1,"c":1},"x":{"b":1,"b":{"d":1}},"a":5}
< {"a":{"b":1},"c":{"b":2},"b":3}
> {"a":1,"b":2}
> {"a.b":1,"d.e":1}
> {"a.b":1,"a.c":1,"x.b":1}
> {"a.b":1,"c.b":2,"b":3}
$ awk 'BEGIN { printf "{"; for (i = 0; i < 600; i++) printf "\"k%d\":%d,", i, i; print "\"k7\":0}" }' | pipe run -e 'json.flatten' | tr , '\n' | grep -c .
> 600
