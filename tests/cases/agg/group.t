# sums are exact: floats are rounded once, integers stay integers while they fit
$ pipe run -e 'json.parse | group: {by: k, count: n, sum: {s: v}, mean: {m: v}, min: {least: v}, max: {most: v}}'
< {"k":"f","v":0.1}
< {"k":"f","v":0.2}
< {"k":"f","v":0.3}
< {"k":"i","v":9223372036854775807}
< {"k":"i","v":-9223372036854775807}
< {"k":"i","v":5}
< {"k":"o","v":9223372036854775807}
< {"k":"o","v":1}
< {"k":"t","v":"text"}
< {"k":"t"}
> {"k":"f","n":3,"s":0.6,"m":0.2,"least":0.1,"most":0.3}
> {"k":"i","n":3,"s":5,"m":1.6666666666666667,"least":-9223372036854775807,"most":9223372036854775807}
> {"k":"o","n":2,"s":9223372036854775808,"m":4611686018427387904,"least":1,"most":9223372036854775807}
> {"k":"t","n":2,"s":null,"m":null,"least":"text","most":"text"}
$ pipe run -e 'csv.parse | group: {sum: {total: price * qty}, count: n}'
< price,qty
< 1.5,2
< 2,3
> {"n":2,"total":9}
$ pipe run -e 'json.parse | group: {count: n, sum: {s: v}}' < /dev/null
> {"n":0,"s":null}
$ pipe run -e 'json.parse | group: {by: n, count: n}'
! …
! …'n' is made twice…
! …
exit 2
# a name is wanted, also of what is counted
$ pipe run -e 'json.parse | group: {by: a, sum: x}'
! -e:1:34: error: option 'sum' of group takes a map of names and expressions, not text
! …
! …^ give the result a name: sum: {NAME: EXPRESSION}
exit 2
$ pipe run -e 'json.parse | group: {by: a, count: true} | agg.window: {records: 2, count: "*"}'
! -e:1:36: error: 'count' takes the name of the field for the number of records, as in {count: n}; 'true' would be that name
! …
! …^…
! -e:1:76: error: 'count' takes the name …; '*' would be that name
! …
! …^…
exit 2
