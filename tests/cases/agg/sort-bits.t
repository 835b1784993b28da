# records are told apart by the bits that differ, wherever they do: between batches of one record, beyond 64 of them, in runs that are merged twice
$ pipe run -e '{json.parse: {}, batch: {records: 1}} | sort: [a]'
< {"a":3}
< {"a":2}
< {"a":1}
> {"a":1}
> {"a":2}
> {"a":3}
$ pipe run -e 'json.parse | sort: [a, b]'
< {"a":0.1,"b":0.3000000000000002}
< {"a":0.1,"b":0.3000000000000001}
< {"a":0.3333333333333333,"b":0.7}
< {"a":-0.123456789,"b":-9.87654321}
> {"a":-0.123456789,"b":-9.87654321}
> {"a":0.1,"b":0.3000000000000001}
> {"a":0.1,"b":0.3000000000000002}
> {"a":0.3333333333333333,"b":0.7}
# many equal keys over several workers: they stay as they came
$ seq $((20000 / SCALE)) | awk '{print $1 % 3 "," $1}' > in.csv; sort -s -t, -k1,1n in.csv > sorted
$ for n in 1 2 3 4; do pipe run --seed $n -e '{csv.parse: {header: false, names: [k, n]}, batch: {records: 1}} | {sort: [k], workers: 4}' in.csv | cmp - sorted; done
$ pipe run -e '{csv.parse: {header: false, names: [k, n]}, batch: {records: 1}} | {sort: [k], workers: 4}' in.csv | cmp - sorted
# bits that differ in one stretch of the input only, wherever that lies among the runs
$ bash
< for at in $(seq 0 $((200 * SCALE)) 3000); do
<   awk -v at="$at" 'BEGIN {for (i = 1; i <= 6000; i++) printf "%d,%d\n", 1048576 + (i * 7919) % 1009 + (i > at && i <= at + 20 ? 32768 : 0), i}' > in.csv
<   LC_ALL=C sort -s -t, -k1,1n in.csv > sorted
<   pipe run -e '{csv.parse: {header: false, names: [k, n], infer: true}, batch: {records: 100}} | {sort: [k], memory: 64KiB, workers: 1}' in.csv | cmp - sorted || echo "$at"
< done
