# a tick comes again after the next record: each pause of the input makes the fold emit what it has
file g.yaml
  stages:
    - io.stdin: {}
    - count: {}
      from: {stage: io.stdin, timeout: 20ms, on_timeout: tick}
file behind.yaml
  stages:
    - io.stdin: {}
    - text.grep: a
      from: {stage: io.stdin, timeout: 10ms, on_timeout: tick}
    - count: {}
    - io.stdout: {}
    - id: pauses
      use: count
      from: {stage: io.stdin, timeout: 10ms, on_timeout: tick}
    - io.write: pauses
$ mkfifo in; : > out; (exec 3>in; for n in 1 2 3; do echo a >&3; while [ $(grep -c -v ':0}' out) -lt $n ]; do sleep 0.02; done; done) & pipe run g.yaml <in >out; grep -v ':0}' out
> {"count":1}
> {"count":1}
> {"count":1}
exit 0
# the end repeats no tick that has told all
$ tail -n 1 out
> {"count":1}
exit 0
# and a fold that has told nothing does so at the end
$ pipe run g.yaml
> {"count":0}
exit 0
# the edge belongs to the stage that it leads to, not to the fold behind that one
$ (echo a; while ! grep -q ':1}' pauses; do sleep 0.01; done; echo a) 2>/dev/null | pipe run behind.yaml 2>/dev/null
> {"count":2}
exit 0
