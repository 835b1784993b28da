# so many records: each window is emitted when it is full, the rest at the end
$ pipe run -e 'io.generate: 10 | {agg.window: {records: 4, count: c, sum: {s: n}, mean: {m: n}, min: {a: n}, max: {z: n}}, batch: {records: 3}}'
> {"window":0,"c":4,"s":10,"m":2.5,"a":1,"z":4}
> {"window":1,"c":4,"s":26,"m":6.5,"a":5,"z":8}
> {"window":2,"c":2,"s":19,"m":9.5,"a":9,"z":10}
$ pipe run -e 'agg.window: {records: 4, count: c}' < /dev/null
# by the records' own time: order within a window does not matter, what comes too late is dropped
$ pipe run --stats -e 'json.parse | agg.window: {time: t, size: 10s, by: [k, j], count: n, max: {v: v}}' 2>err; grep -c late err
< {"t":100,"k":"b","v":1}
< {"t":"1970-01-01T00:01:49.9Z","k":"a","v":"x"}
< {"t":101.5,"k":"b","j":1,"v":2}
< {"t":105,"k":"b","v":3}
< {"t":135,"k":"a"}
< {"t":129,"k":"a"}
< {"t":131,"k":"a","v":null}
> {"window":100,"k":"a","j":null,"n":1,"v":"x"}
> {"window":100,"k":"b","j":null,"n":2,"v":3}
> {"window":100,"k":"b","j":1,"n":1,"v":2}
> {"window":130,"k":"a","j":null,"n":2,"v":null}
> 1
$ pipe run -e 'json.parse | agg.window: {time: t, size: 10s, late: 10s, count: n, as: from}'
< {"t":-1}
< {"t":15}
< {"t":3}
< {"t":20}
< {"t":1}
< {"t":11}
> {"from":-10,"n":1}
> {"from":0,"n":1}
> {"from":10,"n":2}
> {"from":20,"n":1}
# the same as fields.time and group on a sorted log
$ pipe run -e "text.access_log | fields.time: {field: time, from: '%d/%b/%Y:%H:%M:%S %z'} | sort: time | agg.window: {time: time, size: 1h, by: [status], count: n, sum: {bytes: size}}" examples/data/access.log > a
$ pipe run -e "text.access_log | fields.time: {field: time, from: '%d/%b/%Y:%H:%M:%S %z', floor: 1h, as: window} | group: {by: [window, status], count: n, sum: {bytes: size}}" examples/data/access.log | cmp - a
# a record without a time is an error
$ pipe run -e '{json.parse: {}} | {agg.window: {time: t, size: 10s, count: n}, on_error: skip}'
< {"t":5}
< {"x":1}
> {"window":0,"n":1}
! …the field 't' is no time…
exit 0
$ pipe run -e 'agg.window: {records: 2, time: t, count: n}'
! …
! …take one of the two…
! …
exit 2
$ pipe run -e 'text.fields: [t] | agg.window: {time: t, count: n}'
! …
! …how long is a window?…
! …
exit 2
$ pipe run -e 'agg.window: 5'
! …
! …nothing to compute…
! …
exit 2
# open windows must fit into the stage's memory
$ seq 200000 > in; pipe run -e 'text.fields: [k] | {agg.window: {records: 1000000, by: k, count: n}, memory: 1MiB}' in | wc -l
> 0
! …stage 'agg.window': … groups in 1 open window need …KiB of memory, more than the 1MiB that this stage may hold; `memory` gives it more, smaller windows need less, agg.group goes to disk
$ pipe run -e 'text.fields: [k] | {agg.window: {records: 1000, by: k, count: n, max: {m: k}, sum: {s: k * 1.5}}, memory: 1MiB}' in | wc -l
> 200000
