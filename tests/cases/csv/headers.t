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
