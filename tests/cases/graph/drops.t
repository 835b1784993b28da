# a channel that drops when it is full: the newest or the oldest go, the number is told, what is left is whole and in order
file g.yaml
  stages:
    - id: src
      io.generate: 100
      batch: {records: 1}
    - id: slow
      exec.each: [sh, -c, 'while [ ! -e go ] && [ {n} = 1 ]; do sleep 0.01; done; echo {n}']
      workers: 1
      from: {stage: src, capacity: 2, on_full: '${1}'}
    - id: done
      exec.each: [sh, -c, 'echo {}']
    - io.stdout: {}
    - io.write: seen
      from: src
file wait.yaml
  stages:
    - id: src
      io.generate: 100
      batch: {records: 1}
    - id: slow
      exec.each: [sh, -c, 'while [ ! -e stop ]; do sleep 0.01; done; echo {n}']
      workers: 1
      from: {stage: src, capacity: 0, send_timeout: 50ms}
# what stands in `seen` has been offered to the slow one
$ (while [ "$(wc -l <seen)" != 100 ]; do sleep 0.01; done; touch go) 2>/dev/null & pipe run g.yaml drop_newest >out; test $(wc -l <out) -ge 2 && test $(wc -l <out) -lt 20 && head -n 1 out; sort -n -c out
> 1
! …stage 'src': … records were dropped…
exit 0
$ rm -f go seen; (while [ "$(wc -l <seen)" != 100 ]; do sleep 0.01; done; touch go) 2>/dev/null & pipe run g.yaml drop_oldest >out; tail -n 1 out; sort -n -c out; test $(wc -l <out) -lt 20
> 100
! …stage 'src': … records were dropped…
exit 0
# a writer that waits too long fails
$ (while ! grep -q send_timeout err; do sleep 0.01; done; touch stop) 2>/dev/null & pipe run wait.yaml 2>err; echo $?; cat err
> 1
> 1
> …stage 'src' (io.generate): the channel src -> slow took nothing for 50ms (send_timeout)
exit 0
