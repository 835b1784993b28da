# the named fields go away, the others keep their order and text
$ pipe run -e 'json.parse | fields.drop: [b, no]'
< {"a":1.0,"b":2,"c":"x"}
< {"c":1}
> {"a":1.0,"c":"x"}
> {"c":1}
$ pipe run -e 'csv.parse | fields.drop: b | csv.format'
< a,b,c
< 1,2,3
> a,c
> 1,3
$ pipe run -e 'csv.parse: {header: false, names: [a, b]} | fields.drop: b | where: b == 1'
! …no stage before stage 'where' (flow.where) makes a field 'b'
! …
! …
exit 2
$ pipe run -e 'fields.drop: []'
! …is empty
! …
! …
exit 2
