# exact while a group is small, whatever the workers; what is no number does not take part
$ pipe run -e 'json.parse | agg.quantiles: {of: v, by: k, at: [0, 0.5, 0.999, 1]}'
< {"k":"b","v":3}
< {"k":"b","v":1}
< {"k":"a","v":"x"}
< {"k":"b","v":null}
< {"k":"b","v":2.5}
< {"v":-7}
> {"k":null,"count":1,"p0":-7,"p50":-7,"p99.9":-7,"p100":-7}
> {"k":"a","count":0,"p0":null,"p50":null,"p99.9":null,"p100":null}
> {"k":"b","count":3,"p0":1,"p50":2.5,"p99.9":3,"p100":3}
$ pipe run -e 'text.fields | agg.quantiles: {of: f1, at: [0.5]}' < /dev/null
> {"count":0,"p50":null}
# against sort, on real data
$ pipe run -e 'csv.parse | agg.quantiles: {of: temp, at: [0.25, 0.5, 0.99]} | text.format: "{p25} {p50} {p99}"' examples/data/weather.csv > mine
$ awk -F, 'NR == 1 {for (i = 1; i <= NF; i++) if ($i == "temp") c = i; next} $c != "NA" && $c != "" {print $c}' examples/data/weather.csv | sort -g > sorted
$ awk 'function rank(q,  r) {r = int(q * NR); return r < q * NR ? r + 1 : r} {v[NR] = $1} END {print v[rank(0.25)] + 0, v[rank(0.5)] + 0, v[rank(0.99)] + 0}' sorted | diff - mine
# large groups: within one percent, the least and greatest exact, the same for any number of workers
$ pipe run -e 'io.generate: 200000 | map: {v: n * n - 1000000} | agg.quantiles: {of: v, at: [0, 0.001, 0.5, 0.9, 1]}' > a
$ pipe run -e '{io.generate: 200000} | {map: {v: n * n - 1000000}, batch: {records: 100}} | {agg.quantiles: {of: v, at: [0, 0.001, 0.5, 0.9, 1]}, workers: 7}' | cmp - a
$ tr -d '{}"' < a | tr ',:' '\n ' | awk 'function near(a, b) {return (a - b) * (a - b) <= b * b / 10000} {v[$1] = $2} END {print v["count"], v["p0"], v["p100"] == 200000 ^ 2 - 1000000, near(v["p0.1"], 200 ^ 2 - 1000000), near(v["p50"], 100000 ^ 2 - 1000000), near(v["p90"], 180000 ^ 2 - 1000000)}'
> 200000 -999999 1 1 1 1
$ pipe run -e 'agg.quantiles: {of: x, at: [1.5], error: 1}'
! …
! …
! …
! …
! …
! …
! …
! …
! …
exit 2
