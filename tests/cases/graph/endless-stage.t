# a stage that computes without end (its first record comes long before the timeout) does not keep the process: --timeout, and a second signal, end it all the same
$ pipe run --timeout 3s --drain-timeout 50ms -e 'lua.map: while true do end'
< a
! pipe: error: --timeout 3s: stopping the sources
! pipe: warning: what was in flight was not written within --drain-timeout: aborting
! pipe: error: stage 'lua.map' did not stop: ending the process
exit 5
$ { echo a >in; pipe run -e 'lua.map: io.open("started", "w"):close() while true do end' in 2>err & p=$!; while [ ! -e started ]; do sleep 0.02; done; kill -INT $p; while kill -INT $p; do sleep 0.02; done; wait $p; echo $?; cat err; } 2>/dev/null
> 130
> pipe: error: stage 'lua.map' did not stop: ending the process
