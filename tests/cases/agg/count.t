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
