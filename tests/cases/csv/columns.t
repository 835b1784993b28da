# csv.format's columns are those of csv.parse, also where the first records lack some, and whatever passes in between
file in.csv
  a,b,c
  1
  2,x
  3,y,z
file more.csv
  c,a,d
  q,4,r
file short.csv
  a,b
  1
  5,x
file other.csv
  c,a
  q,4
  r,2
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
# … also where records of files with unlike headers come together in a sort, a copy, a change or a batch of their own: the header is that of the first record's file
$ for how in '64MiB' '64KiB'; do pipe run -e "io.read: [short.csv, other.csv] | csv.parse: {ragged: fill} | {sort: a, memory: $how} | {csv.format: {}, on_error: skip}" 2>/dev/null; done
> a,b
> 1,
> 5,x
> a,b
> 1,
> 5,x
$ pipe run -e 'io.read: [short.csv, other.csv] | csv.parse: {ragged: fill} | sort: -c | csv.format'
> a,b,c
> 2,,r
> 4,,q
> 1,,
> 5,x,
$ pipe run -e 'io.read: [short.csv, other.csv] | csv.parse: {ragged: fill} | sort: a | where: a > 1 | sort: -c | tail: 3 | map: {m: 0} | csv.format'
> a,b,c,m
> 2,,r,0
> 4,,q,0
> 5,x,,0
$ pipe run -e 'io.read: [short.csv, other.csv] | csv.parse: {ragged: fill} | fields.cast: {a: int} | sort: a | flow.batch: 100 | {csv.format: {}, on_error: skip}' 2>/dev/null
> a,b
> 1,
> 5,x
# a record of which a path has the name of another one's field has no such field
$ for n in 1 100; do printf '{"a":{"b":1}}\n{"a":1,"a.b":2}\n{"a":3}\n' | pipe run -e "json.parse | flow.batch: $n | {csv.format: {}, on_error: skip}"; done 2>/dev/null
> a
> "{""b"":1}"
> 3
> a
> "{""b"":1}"
> 3
