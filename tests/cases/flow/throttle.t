# throttle: lets everything pass in the end; a rate is above 0
$ pipe run -e 'io.generate: 2000 | flow.throttle: 20000 | tail: 1'
> 2000
$ pipe run -e 'flow.throttle: 0'
! …error: 'rate' is above 0 records a second, not 0
! …
exit 2
# a rate that no whole number holds lets all pass
$ seq 3 | timeout 20 pipe run -e 'flow.throttle: 1e300'
> 1
> 2
> 3
