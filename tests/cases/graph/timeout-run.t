# --timeout drains like a signal: folds emit what they have; exit 5
$ pipe run --timeout 100ms -e 'io.generate: {interval: 10ms} | count: {} | text.format: x'
> x
! …--timeout 100ms: stopping the sources
exit 5
