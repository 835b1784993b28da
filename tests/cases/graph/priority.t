# of two edges that are ready the one with the higher priority is received first
file g.yaml
  stages:
    - id: a
      io.generate: {count: 300, text: 'a{n}'}
      batch: {records: 1}
    - id: b
      io.generate: {count: 300, text: 'b{n}'}
      batch: {records: 1}
    - id: slow
      exec.each: [sh, -c, 'while [ ! -e go ]; do sleep 0.01; done; echo {}']
      workers: 1
      from: [{stage: a, priority: 1, capacity: 1000}, {stage: b, priority: 2, capacity: 1000}]
    - head: 100
    - io.stdout: {}
    - io.write: seen
      from: [a, b]
# what stands in `seen` waits in the edges of the slow one, but for the record that it has begun with
$ (while [ "$(wc -l <seen)" != 600 ]; do sleep 0.01; done; touch go) 2>/dev/null & pipe run g.yaml 2>/dev/null | tail -n 99 | cut -c1 | uniq -c | tr -s ' '
>  99 b
exit 0
