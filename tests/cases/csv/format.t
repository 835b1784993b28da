# quotes only where needed; the columns of the first record; a later field outside them is an error
$ pipe run -e 'json.parse | csv.format'
< {"a":"x,y","b":"say \"hi\""}
< {"b":2}
> a,b
> "x,y","say ""hi"""
> ,2
$ pipe run -e 'json.parse | csv.format'
< {"a":1}
< {"a":2,"b":3}
> a
> 1
! …the field 'b' is not among the columns of the first record (a); name all of them with `columns`…
exit 1
$ pipe run -e 'json.parse | csv.format: {columns: [b, a], separator: ";", header: false}'
< {"a":1,"c":0}
> ;1
$ pipe run -e 'csv.parse | csv.format: [a]'
> a
$ pipe run -e 'csv.format'
< plain
! …the first record has no fields to make columns of…
exit 1
