# a key that changes nothing where it stands is warned of
file idle.yaml
  stages:
    - {io.generate: 3, grain: 2, share: x}
    - {json.parse: {}}
    - {where: '1 == 1', memory: 1MiB}
    - {head: 3, partition_by: n, from: {priority: 2}}
    - {text.trim: {}, from: {timeout: 1s, on_timeout: tick}, share: a}
    - {flow.batch: 3, ordered: true}
    - {count: [], ordered: true}
    - {io.discard: {}, batch: {records: 1}}
file order.yaml
  stages:
    - {exec.filter: [cat], workers: 2, ordered: true}
file used.yaml
  stages:
    - {id: a, io.generate: 3, batch: {records: 1}}
    - {id: join, flow.merge: {}, from: [{stage: a, priority: 1}, {stage: again, back: true}], memory: 1MiB}
    - {id: again, where: 'false', from: join}
    - {id: d, flow.delay: 1ms, memory: 1MiB, from: join}
$ pipe check idle.yaml
! idle.yaml:2:22: warning: 'grain' has no effect on stage 'io.generate': it is a source, with no input to take pieces of
! 2 |   - {io.generate: 3, grain: 2, share: x}
!   |                      ^^^^^
! idle.yaml:2:32: warning: 'share' has no effect on stage 'io.generate': it is a source, and reads nothing
! 2 |   - {io.generate: 3, grain: 2, share: x}
!   |                                ^^^^^
! idle.yaml:4:23: warning: 'memory' has no effect on stage 'where' (flow.where): it gathers nothing
! 4 |   - {where: '1 == 1', memory: 1MiB}
!   |                       ^^^^^^ it is for stages that gather (sort, group, count, top, distinct, tail and their kin), and for readers of a back edge
! idle.yaml:5:15: warning: 'partition_by' has no effect on stage 'head' (flow.head): it runs with one worker
! 5 |   - {head: 3, partition_by: n, from: {priority: 2}}
!   |               ^^^^^^^^^^^^
! idle.yaml:5:39: warning: 'priority' has no effect: stage 'head' (flow.head) reads one edge alone
! 5 |   - {head: 3, partition_by: n, from: {priority: 2}}
!   |                                       ^^^^^^^^ it says which of several ready edges is received first
! idle.yaml:6:41: warning: 'on_timeout: tick' has no effect: stage 'text.trim' holds nothing back that it could flush
! 6 |   - {text.trim: {}, from: {timeout: 1s, on_timeout: tick}, share: a}
!   |                                         ^^^^^^^^^^ it is for folds, and for stages that gather batches
! idle.yaml:6:60: warning: 'share' has no effect on stage 'text.trim': no other stage with share: a reads what it reads
! 6 |   - {text.trim: {}, from: {timeout: 1s, on_timeout: tick}, share: a}
!   |                                                            ^^^^^ give the stages that compete the same 'from' and the same 'share'
! idle.yaml:7:21: warning: 'ordered' has no effect on stage 'flow.batch': it runs with one worker
! 7 |   - {flow.batch: 3, ordered: true}
!   |                     ^^^^^^^
! idle.yaml:8:17: warning: 'ordered' has no effect on stage 'count' (agg.count): it is a fold, which emits once its input has ended
! 8 |   - {count: [], ordered: true}
!   |                 ^^^^^^^
! idle.yaml:9:22: warning: 'batch' has no effect on stage 'io.discard': it is a sink, which makes no batches
! 9 |   - {io.discard: {}, batch: {records: 1}}
!   |                      ^^^^^ it belongs to the stage that writes them
exit 0
$ pipe check order.yaml
! order.yaml:2:38: error: stage 'exec.filter' keeps no order with several workers
! 2 |   - {exec.filter: [cat], workers: 2, ordered: true}
!   |                                      ^^^^^^^ without 'workers' it runs with one, which does
exit 2
$ pipe check used.yaml
exit 0
$ pipe run -e 'io.generate: 3 | {where: n > 1, grain: 2, workers: 2} | {head: 1, memory: 1MiB}'
> 2
! -e:1:67: warning: 'memory' has no effect on stage 'head' (flow.head): it gathers nothing
! 1 | io.generate: 3 | {where: n > 1, grain: 2, workers: 2} | {head: 1, memory: 1MiB}
!   |                                                                   ^^^^^^ it is for stages that gather (sort, group, count, top, distinct, tail and their kin), and for readers of a back edge
exit 0
# exec.each takes whole batches where it is told to
$ pipe run -e "io.generate: 4 | {exec.each: [echo, '{}'], grain: batch, workers: 2}"
> 1
> 2
> 3
> 4
exit 0
