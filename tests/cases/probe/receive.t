# fibers of a run stage receive each for itself: one that waits for an input does not hold up one that waits for another
file pair.yaml
  stages:
    - id: a
      io.read: a
    - id: b
      io.read: b
    - probe.pair: {}
      from: [a, b]
file grain.yaml
  stages:
    - id: a
      io.generate: {count: 20000, text: a}
    - id: b
      io.generate: {count: 20000, text: b}
    - probe.pair: {}
      from: [a, b]
      grain: 7
file alarm.yaml
  stages:
    - probe.alarm: {}
      workers: 2
    - io.write: told
file dealt.yaml
  stages:
    - text.split: {names: [k]}
    - probe.alarm: {}
      workers: 2
      partition_by: k
    - io.write: dealt
file choose.yaml
  stages:
    - id: a
      io.read: c
    - id: b
      io.generate: {count: 1, text: x}
    - probe.choose: {}
      from: [{stage: a, timeout: 10ms, on_timeout: tick}, b]
$ mkfifo a b; (exec 3>a 4>b; echo 1 >&4; while ! grep -q 1:1 out; do sleep 0.01; done; echo 2 >&3; while ! grep -q 0:2 out; do sleep 0.01; done; echo 3 >&4) & pipe run pair.yaml >out; cat out
> 1:1
> 0:2
> 1:3
exit 0
# nobody takes what another waits for
$ pipe run grain.yaml | sort | uniq -c | tr -s ' '
>  20000 0:a
>  20000 1:b
exit 0
# a deadline is kept while another worker waits without one: the input goes on only when it has passed
$ mkfifo in; (exec 3>in; while ! grep -q timeout told 2>/dev/null; do sleep 0.01; done; echo a >&3) & pipe run alarm.yaml <in; cat told
> timeout
> a
exit 0
# the same in a pool that deals by key
$ mkfifo way; (exec 3>way; while ! grep -q timeout dealt 2>/dev/null; do sleep 0.01; done) & pipe run dealt.yaml <way; cat dealt
> timeout
exit 0
# a select over inputs and the output: batches, ticks and ends of each
$ mkfifo c; (exec 3>c; while ! grep -q ticks chosen; do sleep 0.01; done; echo 1 >&3; while ! grep -q 0:1 chosen; do sleep 0.01; done) & pipe run choose.yaml >chosen; sort -u chosen
> 0 ends
> 0 ticks
> 0:1
> 1 ends
> 1:x
> nothing is left
> waits
exit 0
# … whose reader leaves
$ rm c; seq 100000 >c; pipe run choose.yaml | head -1
> waits
exit 0
