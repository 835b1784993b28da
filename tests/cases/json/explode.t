# a record for each element; the other fields stay
$ pipe run -e 'json.parse | json.explode: t'
< {"id":1,"t":["a",2,{"x":[3]},null,true,"q\"\n"],"z":0}
< {"id":2,"t":[]}
< {"id":3}
< {"id":4,"t":"no array"}
< {"id":5,"t":[ [1] , [] ]}
> {"id":1,"t":"a","z":0}
> {"id":1,"t":2,"z":0}
> {"id":1,"t":{"x":[3]},"z":0}
> {"id":1,"t":null,"z":0}
> {"id":1,"t":true,"z":0}
> {"id":1,"t":"q\"\n","z":0}
> {"id":4,"t":"no array"}
> {"id":5,"t":[1]}
> {"id":5,"t":[]}
$ pipe run -e 'json.parse | json.explode: {field: t, empty: true, index: n}'
< {"t":["a","b"]}
< {"t":[]}
< {"t":null,"x":1}
> {"t":"a","n":0}
> {"t":"b","n":1}
> {"t":null,"n":null}
> {"t":null,"x":1,"n":null}
$ pipe run -e 'json.parse | json.explode: {field: a.t, as: e} | text.format: "{id} {e}"'
< {"id":1,"a":{"t":[1,2]}}
> 1 1
> 1 2
# nothing depends on the batches: workers keep the order
$ seq 1 5000 | awk '{printf "{\"n\":%d,\"t\":[", $1; for (i = 0; i < $1 % 7; i++) printf "%s%d", (i ? "," : ""), $1 * 10 + i; print "]}"}' > in
$ awk '{n = $1; gsub(/.*\[|\]}/, ""); k = split($0, t, ","); for (i = 1; i <= k; i++) print t[i]}' in > expected
$ pipe run -e '{json.parse: {}, batch: {records: 64}} | {json.explode: t, workers: 4} | text.format: "{t}"' in | cmp - expected
$ pipe run -e 'json.parse | json.explode: {field: t, index: t}'
! …
! …'t' is the elements' field…
! …
exit 2
