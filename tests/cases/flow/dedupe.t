# repeats of the record before, or of the last keys
$ pipe run -e 'flow.dedupe'
< a
< a
<
<
< b
< a
> a
>
> b
> a
$ pipe run -e 'json.parse | flow.dedupe: k'
< {"k":1,"n":1}
< {"k":1,"n":2}
< {"k":"1","n":3}
< {"n":4}
< {"k":null,"n":5}
> {"k":1,"n":1}
> {"k":"1","n":3}
> {"n":4}
# a window of two keys: those that passed last
$ pipe run -e 'flow.dedupe: {window: 2}'
< a
< b
< a
< c
< a
< b
> a
> b
> c
> a
> b
# against uniq and awk on real data
$ cut -d' ' -f1 examples/data/access.log > in; uniq in > expected
$ pipe run -e '{flow.dedupe: {}, batch: {records: 3}}' in | cmp - expected
$ awk 'function known(k,  i) {for (i in last) if (last[i] == k) return 1; return 0} {if (known($0)) next; last[n++ % 20] = $0; print}' in > expected
$ pipe run -e 'flow.dedupe: {window: 20}' in | cmp - expected
$ pipe run -e '{text.split: {names: [ip]}} | flow.dedupe: {by: ip, window: 20}' in | cmp - expected
$ pipe run -e 'flow.dedupe: {window: 0}'
! …
! …
! …
exit 2
# a window that outgrows the stage's memory ends the run, whatever on_error says; what came before is written
$ seq 100000 > in; pipe run -e '{flow.dedupe: {window: 1000000}, memory: 1MiB, on_error: skip}' in > out; echo $?; head -c $(wc -c < out) in | cmp - out
> 1
! …stage 'flow.dedupe': 'in': the last … keys need …KiB of memory, more than the 1MiB that this stage may hold; `memory` gives it more, a smaller window needs less, agg.distinct goes to disk
# nor does it matter how many records a piece has
$ pipe run -e '{flow.dedupe: {window: 1000000}, memory: 1MiB, on_error: skip, grain: 1}' in > out; echo $?; head -c $(wc -c < out) in | cmp - out
> 1
! …stage 'flow.dedupe': 'in': …the last … keys need …KiB of memory, more than the 1MiB that this stage may hold; …
$ pipe run -e '{flow.dedupe: {window: 10000}, memory: 1MiB}' in | cmp - in
$ awk 'BEGIN {srand(3); for (i = 0; i < 200000; ++i) print int(rand() * 30000) "k" (i % 3 ? "" : "a long key indeed")}' > random; awk '$0 in at && passed - at[$0] <= 10000 {next} {at[$0] = passed++; print}' random > expected; pipe run -e 'flow.dedupe: {window: 10000}' random | cmp - expected
