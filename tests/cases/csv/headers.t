# headers: none, given names, several files in other orders, a mark in front, columns without a name of their own
file a.csv
  x,y
  1,2
file b.csv
  y,x
  4,3
$ pipe run -e 'io.read: [a.csv, b.csv] | csv.parse | csv.format'
> x,y
> 1,2
> 3,4
$ pipe run -e 'csv.parse: {header: false} | json.format'
< 1,2
> {"c1":1,"c2":2}
$ pipe run -e 'csv.parse: {header: false, names: [a, b]} | json.format'
< 1,2
> {"a":1,"b":2}
$ pipe run -e 'csv.parse: {names: [a, b]} | json.format'
< x,y
< 1,2
> {"a":1,"b":2}
$ printf '\357\273\277x,y\n1,2\n' | pipe run -e 'csv.parse | where: x == 1'
> 1,2
$ pipe run --log-level error -e 'csv.parse | json.format'
< x,,x
< 1,2,3
> {"x":1,"c2":2,"x_2":3}
# empty lines in front of a header, or of the first record where there is none, are no header; lines keep their numbers
$ for b in 1 4096; do printf '\n\r\na,"b\nc"\n1,2\n\n3,4\n5\n' | pipe run --log-level error -e "{csv.parse: {}, batch: {records: $b}, on_error: skip} | json.format"; done; :
> {"a":1,"b\nc":2}
> {"a":3,"b\nc":4}
> {"a":1,"b\nc":2}
> {"a":3,"b\nc":4}
$ printf '\n\n1,2\n3,4\n' | pipe run -e 'csv.parse: {header: false} | json.format'
> {"c1":1,"c2":2}
> {"c1":3,"c2":4}
$ printf '\n1\n\n2\n' | pipe run -e 'csv.parse | json.format'
> {"1":""}
> {"1":2}
$ printf '\n1,2\n' | pipe run -e 'csv.parse: {header: false, names: [a, b]} | json.format'
> {"a":1,"b":2}
$ printf '\357\273\277\n\na,b\n1,2\n3\n' | pipe run -e 'csv.parse | json.format'
> {"a":1,"b":2}
! …line 5: 1 field where the header has 2…
exit 1
$ printf '\n\na,b\n' > e1.csv; printf '\n' > e2.csv; printf '\n\na,b\n\n1,2\n' > e3.csv; pipe run -e 'io.read: [e1.csv, e2.csv, e3.csv] | csv.parse | csv.format'
> a,b
> 1,2
$ printf '\n\n\na,"b\n1,2\n' | pipe run -e 'csv.parse'
! …line 4: the header has a quoted field that is not closed…
exit 1
$ printf '\n\na,b"c\n1,2\n' | pipe run -e 'csv.parse: {names: [a]}'
! …line 3: the header has 2 columns, but `names` has 1…
exit 1
