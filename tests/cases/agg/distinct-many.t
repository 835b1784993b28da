# many keys of all lengths have one answer, awk's, however much memory and however many processors there are
file answers
    #!/bin/sh
    # answers FILE STAGES...: the stages give what awk gives, on 1, 2 and 8 processors, held and spilled.
    awk '!seen[$0]++' $1 >expected
    in=$1; shift
    for stages; do
      for memory in 64KiB 512KiB 64MiB; do
        for threads in 1 2 8; do
          pipe run --threads $threads -e "$(echo "$stages" | sed "s/%/memory: $memory/")" $in | cmp - expected || echo "$stages, $memory, $threads threads"
        done
      done
    done
file keys.awk
    # n lines of one random key each: of up to `longest` bytes, few or many of them.
    BEGIN {
      srand(7)
      for (i = 0; i < n; ++i) {
        text = sprintf("%d", rand() * many)
        while (length(text) < rand() * longest) text = text sprintf("%c", 97 + rand() * 3)
        print substr(text, 1, longest)
      }
    }
$ awk -v n=$((60000 / SCALE)) -v many=100000 -v longest=7 -f keys.awk >short; awk -v n=$((60000 / SCALE)) -v many=40000 -v longest=20 -f keys.awk >mixed; awk -v n=$((30000 / SCALE)) -v many=9 -v longest=1 -f keys.awk >few; yes the-same | head -n $((50000 / SCALE)) >same
exit 0
$ sh answers short '{distinct: [], %}' 'csv.parse: {header: false, names: [k]} | {distinct: k, %}' 'csv.parse: {header: false, names: [k]} | map: {j: "\"x\""} | {distinct: [k, j], %} | text.format: "{k}"'
exit 0
$ sh answers mixed '{distinct: [], %}' 'csv.parse: {header: false, names: [k]} | {distinct: k, %}' 'csv.parse: {header: false, names: [k]} | map: {j: "\"x\""} | {distinct: [k, j], %} | text.format: "{k}"'
exit 0
$ sh answers few '{distinct: [], %}' 'csv.parse: {header: false, names: [k]} | {distinct: k, %}' 'csv.parse: {header: false, names: [k]} | map: {j: "\"x\""} | {distinct: [k, j], %} | text.format: "{k}"'
exit 0
$ sh answers same '{distinct: [], %}' 'csv.parse: {header: false, names: [k]} | {distinct: k, %}' 'csv.parse: {header: false, names: [k]} | map: {j: "\"x\""} | {distinct: [k, j], %} | text.format: "{k}"'
exit 0
$ sed 's/.*/{"k":"&"}/' mixed >mixed.json; sh answers mixed.json 'json.parse | {distinct: k, %}'
exit 0
# numbers and texts that print alike, in turn, so that hardly any batch has one kind alone
$ awk '{print "{\"k\":" (NR % 3 ? "\"" $0 "\"" : "null") "}"; if ($0 ~ /^[0-9]+$/) print "{\"k\":" $0 "}"}' mixed >kinds.json; sh answers kinds.json 'json.parse | {distinct: k, %}'
exit 0
$ head -n $((20000 / SCALE)) kinds.json >some.json; sh answers some.json '{json.parse: , batch: {records: 3}} | {distinct: k, %}'
exit 0
# a reader that leaves early ends it, and a record that is broken is passed over
$ yes '{"k":1}' | pipe run -e 'json.parse | distinct: k | head: 1'
> {"k":1}
exit 0
$ awk '!seen[$0]++' mixed.json >expected; { cat mixed.json; echo '{"k":'; cat mixed.json; } | pipe run -e '{json.parse: , on_error: skip} | distinct: k' 2>log | cmp - expected; grep -c malformed log
> 1
exit 0
