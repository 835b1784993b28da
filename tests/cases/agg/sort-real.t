# sorting agrees with sort(1), whatever the number of workers
$ seq 1 20000 | awk '{print ($1 * 7919) % 10007 "," $1 % 17 "," $1}' > in.csv
$ LC_ALL=C sort -s -t, -k2,2n -k1,1nr in.csv > expected
$ pipe run -e '{csv.parse: {header: false, names: [a, b, c]}, batch: {records: 100}} | sort: [b, -a]' in.csv | cmp - expected
$ pipe run -e 'csv.parse: {header: false, names: [a, b, c]} | {sort: [b, -a], workers: 1}' in.csv | cmp - expected
$ pipe run -e 'csv.parse: {header: false, names: [a, b, c]} | {sort: [b, -a], workers: 8}' in.csv | cmp - expected
$ LC_ALL=C sort in.csv > expected
$ pipe run -e 'sort' in.csv | cmp - expected
