# everything passes, in order, later
$ pipe run -e 'io.generate: 1000 | {flow.delay: 5ms, batch: {records: 10}} | tail: 2'
> 999
> 1000
# never sooner than said
$ start=$(date +%s%N); pipe run -e 'io.generate: 1 | flow.delay: 200ms'; echo $((($(date +%s%N) - start) >= 200000000))
> 1
> 1
