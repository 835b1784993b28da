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
