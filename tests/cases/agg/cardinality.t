# exact up to 1,024 values, near beyond; the same for any number of workers
$ pipe run -e 'json.parse | agg.cardinality: {of: v, by: k}'
< {"k":"b","v":1}
< {"k":"b","v":"1"}
< {"k":"a"}
< {"k":"a","v":null}
< {"k":"b","v":1}
> {"k":"a","distinct":1}
> {"k":"b","distinct":2}
$ pipe run -e 'agg.cardinality' < /dev/null
> {"distinct":0}
$ pipe run -e 'io.generate: 100000 | map: {v: n % 1024} | agg.cardinality: v'
> {"distinct":1024}
$ pipe run -e 'io.generate: 1000000 | map: {v: n % 200000} | agg.cardinality: v' > a
$ pipe run -e 'io.generate: 1000000 | {map: {v: n % 200000}, batch: {records: 1000}} | {agg.cardinality: v, workers: 5}' | cmp - a
$ tr -dc '0-9\n' < a | awk '{print ($1 > 195000 && $1 < 205000)}'
> 1
# as sort and uniq find it on real data
$ cut -d' ' -f1 examples/data/access.log | sort -u | wc -l > expected
$ pipe run -e 'text.split: {names: [ip]} | agg.cardinality: {of: ip, as: n} | text.format: "{n}"' examples/data/access.log | diff - expected
$ pipe run -e 'agg.cardinality: {by: a, as: a}'
! …
! …'a' is a field of `by`…
! …
exit 2
