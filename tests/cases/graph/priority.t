# of two edges that are ready the one with the higher priority is received first
file g.yaml
  stages:
    - id: a
      io.generate: {count: 500, text: 'a{n}'}
      batch: {records: 1}
    - id: b
      io.generate: {count: 500, text: 'b{n}'}
      batch: {records: 1}
    - id: slow
      exec.each: [sh, -c, 'echo {}']
      workers: 1
      from: [{stage: a, priority: 1, capacity: 1000}, {stage: b, priority: 2, capacity: 1000}]
    - head: 100
$ pipe run g.yaml | grep -c b | awk '{ print ($1 >= 80) }'
> 1
exit 0
