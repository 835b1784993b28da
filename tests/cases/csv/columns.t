# csv.format's columns are those of csv.parse, also where the first records lack some, and whatever passes in between
file in.csv
  a,b,c
  1
  2,x
  3,y,z
file more.csv
  c,a,d
  q,4,r
$ pipe run -e 'io.read: in.csv | csv.parse: {ragged: fill} | where: a < 3 | csv.format'
> a,b,c
> 1,,
> 2,x,
$ pipe run -e 'io.read: in.csv | csv.parse: {ragged: fill} | {sort: -a, memory: 64KiB} | where: a < 3 | csv.format'
> a,b,c
> 2,x,
> 1,,
$ pipe run -e 'io.read: in.csv | csv.parse: {ragged: fill} | where: a == 1 | map: {m: a} | csv.format'
> a,b,c,m
> 1,,,1
# fields of later files keep the order of the first one's, in which they are gathered with these
$ pipe run -e 'io.read: [in.csv, more.csv] | csv.parse: {ragged: fill} | map: {m: 0} | sort: -a'
> {"a":4,"c":"q","d":"r","m":0}
> {"a":3,"b":"y","c":"z","m":0}
> {"a":2,"b":"x","m":0}
> {"a":1,"m":0}
# records with fields of their own: the first one's
$ pipe run -e 'text.kv | csv.format: {}'
< a=1
< a=2
> a
> 1
> 2
$ pipe run -e '{text.kv: {}, on_error: skip} | {csv.format: {}, on_error: skip}'
< a=1
< a=2 b=3
< a=4
> a
> 1
> 4
! …the field 'b' is not among the columns of the first record (a); name all of them with `columns`…
