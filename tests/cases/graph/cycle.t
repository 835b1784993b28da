# a cycle ends by itself once nothing is in flight
file g.yaml
  stages:
    - id: seed
      io.generate: 5
    - id: step
      route: {again: int(n) < 100}
      from: [seed, {stage: twice, back: true}]
    - id: twice
      map: {n: n * 2}
      from: step.again
    - id: done
      text.format: '{n}'
      from: step.else
$ pipe run g.yaml | sort
> 128
> 128
> 128
> 160
> 192
exit 0
# an unmarked cycle is told, with the edge to mark as it would be written
$ printf 'stages:\n  - io.generate: 3\n  - id: step\n    use: map\n    with: {n: n + 1}\n    from: [io.generate, r.more]\n  - id: r\n    use: route\n    with: {more: n < 9}\n  - io.discard:\n    from: r.else\n' >unmarked.yaml; pipe check unmarked.yaml
! unmarked.yaml:6:25: error: a cycle without a back edge: step -> r -> step
! 6 |     from: [io.generate, r.more]
!   |                         ^^^^^^ mark the edge that closes it: {stage: r.more, back: true}
exit 2
