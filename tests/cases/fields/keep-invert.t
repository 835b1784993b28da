# invert drops the named field, the others keep their order and their text
$ pipe run -e 'json.parse | fields.keep: {fields: [b], invert: true}'
< {"a":1,"b":2,"c":3}
< {"a": 1.0, "c" : "x"}
> {"a":1,"c":3}
> {"a": 1.0, "c" : "x"}
$ pipe run -e 'csv.parse | fields.keep: [c, a] | csv.format'
< a,b,c
< 1,2,3
> a,c
> 1,3

# what it does not take
$ pipe check -e "csv.parse | fields.keep: []"
! -e:1:26: error: option 'fields' of fields.keep is empty
! …
exit 2
