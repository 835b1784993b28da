# how many records, in all and of each kind
$ pipe run -e 'count'
< a
< b
> {"count":2}
$ pipe run -e 'count' < /dev/null
> {"count":0}
$ pipe run -e 'json.parse | count: k'
< {"k":"b"}
< {"k":"a"}
< {"k":"b"}
< {"x":1}
> {"k":null,"count":1}
> {"k":"a","count":1}
> {"k":"b","count":2}

# what it does not take
$ pipe check -e "csv.parse | count: {by: [x, x]}"
! -e:1:29: error: 'by' names 'x' twice
! …
exit 2
$ pipe check -e "count: {by: x}"
! -e:1:13: error: no stage before stage 'count' (agg.count) makes a field 'x'
! …
exit 2
