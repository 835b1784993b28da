# --timeout drains like a signal: folds emit what they have; exit 5
$ pipe run --timeout 300ms -e 'io.generate: {interval: 10ms} | count: {} | text.format: x'
> x
! …--timeout 300 ms: stopping the sources
exit 5
# what is not written within --drain-timeout is given up
$ pipe run --timeout 100ms --drain-timeout 100ms -e 'io.generate: 2 | exec.each: [sh, -c, "sleep 100; echo {}"]'
! …--timeout 100 ms: stopping the sources
! …aborting
exit 5
