# all but the first
$ pipe run -e 'io.generate: 10000 | {flow.skip: 9997, batch: {records: 7}}'
> 9998
> 9999
> 10000
$ pipe run -e 'flow.skip'
< a
< b
> b
$ pipe run -e 'flow.skip: 0'
< a
> a
$ pipe run -e 'flow.skip: 5'
< a
# as tail does it, on real data
$ tail -n +1001 examples/data/access.log > expected
$ pipe run -e 'flow.skip: 1000' examples/data/access.log | cmp - expected

# what it does not take
$ pipe check -e "flow.skip: -1"
! -e:1:12: error: option 'count' of flow.skip is at least 0, not -1
! …
exit 2
