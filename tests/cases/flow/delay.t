# everything passes, in order, later
$ pipe run -e 'io.generate: 1000 | {flow.delay: 5ms, batch: {records: 10}} | tail: 2'
> 999
> 1000
# never sooner than said
$ start=$(date +%s%N); pipe run -e 'io.generate: 1 | flow.delay: 200ms'; echo $((($(date +%s%N) - start) >= 200000000))
> 1
> 1
# each batch waits by itself, not behind the wait of the one before
$ seq 300000 >in; pipe run -e 'flow.delay: 3s | agg.count' in
> {"count":300000}
# check counts what it may hold
$ for memory in '' ', memory: 1MiB' ', memory: 100MiB'; do pipe check --explain -e "io.generate: 1 | {flow.delay: 5ms$memory}" | grep -o 'and .* of buffers'; done
> and 16MiB of buffers
> and 512KiB of buffers
> and 50MiB of buffers

# what it does not take
$ pipe check -e "flow.delay: soon"
! -e:1:13: error: option 'time' of flow.delay takes a duration (250ms, 5s, 1m30s), not 'soon'
! …
exit 2
