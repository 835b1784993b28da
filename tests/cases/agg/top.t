# the most frequent keys; equally frequent ones by their bytes
$ pipe run -e 'csv.parse | top: {by: host, limit: 3}'
< host
< b
< a
< c
< b
< a
< B
> {"host":"a","count":2}
> {"host":"b","count":2}
> {"host":"B","count":1}
$ pipe run -e 'json.parse | top: {by: [a, b]}'
< {"a":1,"b":"x"}
< {"a":"1","b":"x"}
< {"a":1,"b":"x"}
< {"b":"x"}
< {"a":null,"b":"x"}
< {"a":true}
> {"a":null,"b":"x","count":2}
> {"a":1,"b":"x","count":2}
> {"a":"1","b":"x","count":1}
> {"a":true,"b":null,"count":1}
$ pipe run -e 'csv.parse | top: host' < /dev/null

# what it does not take
$ pipe check -e "csv.parse | top: {by: a, limit: none}"
! -e:1:33: error: option 'limit' of top takes a whole number, not 'none'
! …
exit 2
