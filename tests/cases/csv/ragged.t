# a record with too few or too many fields is an error that names the line and both counts
$ pipe run -e 'csv.parse | json.format'
< a,b,c
< 1,2,3
< 4,5
> {"a":1,"b":2,"c":3}
! …line 3: 2 fields where the header has 3…
exit 1
$ printf 'a,b\n"x\ny",1\n\n1,2,3\n' | pipe run -e 'csv.parse | json.format'
> {"a":"x\ny","b":1}
! …line 5: 3 fields where the header has 2…
exit 1
$ pipe run -e 'csv.parse: {ragged: fill} | json.format'
< a,b,c
< 1
< 4,5,6
> {"a":1}
> {"a":4,"b":5,"c":6}
$ pipe run -e '{use: csv.parse, on_error: skip} | json.format'
< a,b
< 1
< 1,2,3
< 5,6
> {"a":5,"b":6}
! …line 2: 1 field where the header has 2…
! …line 3: 3 fields where the header has 2…
