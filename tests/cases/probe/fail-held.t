# a pool without order fails while its reader is behind: what another worker had done before, and is about to send, is written all the same
# (throttle passes `1`, holds `2` from the 2nd to the 11th second; `3` is ready in the 3rd, the record behind it in the list fails in the 4th)
file map.yaml
  defaults: {batch: {records: 1}}
  stages:
    - io.read: in
    - id: pool
      use: probe.slow
      workers: 4
      ordered: false
    - flow.throttle: 0.1
      from: {stage: pool, capacity: 0}
file run.yaml
  defaults: {batch: {records: 1}}
  stages:
    - io.read: in
    - id: pool
      use: probe.pump
      workers: 4
    - flow.throttle: 0.1
      from: {stage: pool, capacity: 0}
file in
  1
  2
  4 fail
  3
$ pipe run --seed 1 map.yaml
> 1
> 2
> 3
! …stage 'pool' (probe.slow): 'in': record 3: as it was told in: 4 fail
exit 1
$ pipe run --seed 1 run.yaml
> 1
> 2
> 3
! …stage 'pool' (probe.pump): as it was told
exit 1
