# keys that differ in few bits and in many, that share a long beginning, in fractions, several of them: as sort(1) has it, in memory and on disk
$ awk 'BEGIN {for (i = 1; i <= 30000; i++) {x = (i * 7919) % 10007; y = (i * 104729) % 65521; printf "%s%d,%08x%04x,%04x%08x,%d.%02d,%d\n", x % 3 ? "common/path/to/" : "c", x % 211, x * 4099, y, y, x * 7, y % 41 - 20, x % 100, i}}' > in.csv
$ LC_ALL=C sort -s -t, -k1,1 in.csv > by-a
$ LC_ALL=C sort -s -t, -k1,1r -k4,4n in.csv > by-a-v
$ LC_ALL=C sort -s -t, -k4,4n -k1,1r in.csv > by-v-a
$ LC_ALL=C sort -s -t, -k2,2 -k3,3r in.csv > by-b-c
$ LC_ALL=C sort -s -t, -k4,4nr -k1,1 -k2,2r in.csv > by-v-a-b
$ bash
< for memory in 32MiB 512KiB; do
<   for keys in a:a -a,v:a-v v,-a:v-a b,-c:b-c -v,a,-b:v-a-b; do
<     pipe run -e "{csv.parse: {header: false, names: [a, b, c, v, n], infer: true}, batch: {records: 300}} | {sort: [${keys%:*}], memory: $memory}" in.csv | cmp - "by-${keys#*:}" || echo "$memory $keys"
<   done
< done
