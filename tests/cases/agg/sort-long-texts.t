# texts that are alike for long: one the beginning of another, with NUL bytes, of any length; as whole records and as keys, up and down, in memory and on disk
$ awk 'BEGIN {srand(7); for (i = 0; i < 30000; i++) {s = ""; for (n = int(rand() * 30); n; n--) s = s (rand() < .9 ? "a" : rand() < .7 ? "same text " : sprintf("%c", 98 + int(rand() * 3))); print s}}' > in; LC_ALL=C sort in > up; LC_ALL=C sort -r in > down; (echo t; cat in) > in.csv
$ pipe run -e 'sort' in | cmp - up; pipe run -e '{sort: [], memory: 64KiB}' in | cmp - up; pipe run -e '{sort: [], workers: 3}' in | cmp - up
$ awk 'NR > 1 {print}' in.csv | awk '{print "{\"t\":\"" $0 "\"}"}' > in.json; awk '{print "{\"t\":\"" $0 "\"}"}' down > down.json; pipe run -e 'json.parse | sort: [-t]' in.json | cmp - down.json; pipe run -e '{json.parse: {}} | {sort: [-t], memory: 64KiB}' in.json | cmp - down.json
$ awk '{print $0 "," NR % 5 "," NR}' in > three; LC_ALL=C sort -s -t, -k1,1 -k2,2nr three > by; pipe run -e 'csv.parse: {header: false, names: [t, k, n], infer: false} | sort: [t, -k]' three | cmp - by; LC_ALL=C sort -s -t, -k1,1r -k2,2n three > by; pipe run -e 'csv.parse: {header: false, names: [t, k, n], infer: false} | sort: [-t, k]' three | cmp - by
$ tr ab '\000\001' < in > nul; LC_ALL=C sort nul > up; pipe run -e 'sort' nul | cmp - up; pipe run -e '{sort: [], memory: 64KiB}' nul | cmp - up
$ awk 'BEGIN {for (i = 0; i < 3000; i++) {s = "x"; for (n = 0; n < i; n++) s = s "x"; print s; print s}}' > longer; LC_ALL=C sort -r longer > turned; pipe run -e 'sort' turned | cmp - longer

# alike for thousands of bytes, up to any place in a word of eight, where some end and others go on
$ awk 'BEGIN {for (s = "y"; length(s) < 4096;) s = s s; for (i = 0; i < 40; i++) for (j = 0; j < 40; j++) print substr(s, 1, 4096 - i) (j < 13 ? "" : substr("zxzzyxzyx", 1, j % 10))}' > in; LC_ALL=C sort in > up; LC_ALL=C sort -r in > down; (echo t; cat in) > in.csv
$ pipe run -e 'sort' in | cmp - up; pipe run -e '{sort: [], memory: 64KiB}' in | cmp - up; pipe run -e 'csv.parse | sort: [-t] | text.format: "{t}"' in.csv | cmp - down
