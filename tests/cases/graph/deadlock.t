# every stage waits for another: exit 4 and a report of who holds up whom. The broadcast fills b's way while a passes nothing.
file g.yaml
  stages:
    - id: src
      io.generate: 100
      batch: {records: 1}
    - id: a
      where: int(n) > 90
      from: {stage: src, capacity: 1}
      workers: 1
    - id: b
      where: int(n) > 0
      from: {stage: src, capacity: 1}
      workers: 1
    - flow.merge: {by: n}
      from: [{stage: a, capacity: 1}, {stage: b, capacity: 1}]
$ pipe run g.yaml >out 2>err; echo $?; grep -o 'deadlock: every worker waits for another' err; grep -c 'b -> flow.merge .*1 of 1 batches, full: the reader holds up the writer' err; grep -c 'a -> flow.merge .*0 of 1 batches, empty: the reader waits for the writer' err
> 4
> deadlock: every worker waits for another
> 1
> 1
exit 0
