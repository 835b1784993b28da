# each key's state is one worker's
file keys.yaml
  stages:
    - io.generate: {count: 3000, text: 'n={n}'}
    - map: {k: int(n) % 7}
    - probe.tally: {}
      partition_by: k
      workers: 3
      grain: 100
file late.yaml
  stages:
    - id: some
      io.generate: {count: 20, text: x}
      batch: {records: 1}
    - id: rest
      io.generate: {interval: 1h, text: y}
    - id: keys
      text.split: {names: [k]}
      from: [some, rest]
      fuse: false
    - probe.tally: {}
      from: [{stage: keys, timeout: 1ms, on_timeout: fail}]
      partition_by: k
      workers: 2
$ pipe run --threads 3 keys.yaml
> 0 428 1
> 1 429 1
> 2 429 1
> 3 429 1
> 4 429 1
> 5 428 1
> 6 428 1
exit 0
# an edge's timeout fails the fold when all that came before is in it: also what lies with a worker that is at work meanwhile
$ for seed in 1 2 3 4 5; do pipe run --seed $seed late.yaml; done
> x 20 1
> y 1 1
> x 20 1
> y 1 1
> x 20 1
> y 1 1
> x 20 1
> y 1 1
> x 20 1
> y 1 1
! pipe: error: late.yaml:11:5: stage 'probe.tally': nothing came on the edge keys -> probe.tally for 1ms (timeout with on_timeout: fail)
! pipe: error: late.yaml:11:5: stage 'probe.tally': nothing came on the edge keys -> probe.tally for 1ms (timeout with on_timeout: fail)
! pipe: error: late.yaml:11:5: stage 'probe.tally': nothing came on the edge keys -> probe.tally for 1ms (timeout with on_timeout: fail)
! pipe: error: late.yaml:11:5: stage 'probe.tally': nothing came on the edge keys -> probe.tally for 1ms (timeout with on_timeout: fail)
! pipe: error: late.yaml:11:5: stage 'probe.tally': nothing came on the edge keys -> probe.tally for 1ms (timeout with on_timeout: fail)
exit 1
# likewise a fold whose workers take what comes
$ sed 's/probe.tally: {}/count: {}/; /partition_by/d' late.yaml >plain.yaml; pipe run --seed 1 plain.yaml
> {"count":21}
! pipe: error: plain.yaml:11:5: stage 'count': nothing came on the edge keys -> count for 1ms (timeout with on_timeout: fail)
exit 1
