# a value for what is missing or null, nothing else
$ pipe run -e "json.parse | fields.fill: {a: 0, b: '\"none\"', c: d + 1}"
< {"a":null,"b":"","c":5}
< {"b":"x","d":1}
< {"a":7,"b":null,"c":null,"d":2}
> {"a":0,"b":"","c":5}
> {"b":"x","d":1,"a":0,"c":2}
> {"a":7,"b":"none","c":3,"d":2}
$ pipe run -e 'csv.parse: {ragged: fill} | fields.fill: {c: 9} | csv.format'
< a,b,c
< 1,2
< 3,4,5
> a,b,c
> 1,2,9
> 3,4,5
$ pipe run -e 'fields.fill: {}'
! …needs names and expressions
! …
! …
exit 2
