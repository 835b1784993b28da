# every nth, whatever the batches and workers
$ pipe run -e 'io.generate: 10000 | {flow.sample: {every: 1000}, batch: {records: 7}, workers: 4}' > a; awk 'BEGIN {for (i = 1; i <= 10000; i += 1000) print i}' | cmp - a
$ seq 10000 > in
$ pipe run -e '{flow.sample: {every: 1000}, grain: 7, workers: 4}' in | cmp - a
# a fraction: about as much as was asked for, the same records each time
$ seq 100000 > in
$ pipe run -e 'flow.sample: 0.1' in > a
$ pipe run -e '{flow.sample: 0.1, batch: {records: 99}, workers: 8}' in | cmp - a
$ pipe run -e '{flow.sample: 0.1, grain: 1}' in | cmp - a
$ wc -l < a | awk '{print ($1 > 9600 && $1 < 10400)}'
> 1
$ pipe run -e 'flow.sample: {fraction: 0.1, seed: 2}' in > b; cat a b | sort | uniq -d | wc -l | awk '{print ($1 > 850 && $1 < 1150)}'
> 1
$ pipe run -e 'flow.sample: 1' in | cmp - in
$ pipe run -e 'flow.sample: 0' in
# whole keys
$ awk '{print $1 % 1000 "," $1}' in > keys.csv
$ pipe run -e 'csv.parse: {header: false, names: [k, n]} | flow.sample: {fraction: 0.3, by: k} | count: k | fields.rename: {count: c} | count: c' keys.csv | sed 's/,"count":[0-9]*//'
> {"c":100}
$ pipe run -e 'csv.parse: {header: false, names: [k, n]} | flow.sample: {fraction: 0.3, by: k} | distinct: k | count' keys.csv | tr -dc '0-9\n' | awk '{print ($1 > 240 && $1 < 360)}'
> 1
$ pipe run -e 'flow.sample: {seed: 1}'
! …
! …how much?…
! …
exit 2
$ pipe run -e 'flow.sample: 2'
! …
! …a fraction lies between 0 and 1…
! …
exit 2
$ pipe run -e 'flow.sample: {fraction: 0.5, every: 2}'
! …
! …take one of the two…
! …
exit 2
