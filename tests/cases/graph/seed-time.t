# virtual time: an edge's timeout, a fold's `every`, a throttle and a retry's backoff of hours are over at once
file hours.yaml
  stages:
    - {id: slow, use: io.generate, with: {count: 3, interval: 3h}}
    - id: closing
      use: text.grep
      with: .
      from: {stage: slow, timeout: 1h, on_timeout: close}
file fail.yaml
  stages:
    - {id: slow, use: io.generate, with: {count: 3, interval: 3h}}
    - text.grep: .
      from: {stage: slow, timeout: 1h}
file every.yaml
  stages:
    - io.generate: {count: 6, interval: 25m}
    - count: {}
      every: 1h
$ timeout 20 pipe run --seed 1 hours.yaml
> 1
$ timeout 20 pipe run --seed 1 fail.yaml
> 1
! …nothing came on the edge slow -> text.grep for 1h…
exit 1
$ timeout 20 pipe run --seed 1 every.yaml
> {"count":3}
> {"count":2}
> {"count":1}
$ timeout 20 pipe run --seed 1 -e 'io.generate: 5 | flow.throttle: 0.001 | tail: 1'
> 5
$ timeout 20 pipe run --seed 1 -e 'io.generate: 1 | {exec.each: ["false", "{}"], on_error: {retry: {times: 5, backoff: 1h}, then: skip}}'
! …(skipped)
exit 0
