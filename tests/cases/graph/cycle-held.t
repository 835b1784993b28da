# what leaves a cycle is in flight no more: a stage behind it that waits for its input's end does not keep the cycle open
file sorted.yaml
  stages:
    - id: seed
      io.generate: 5
    - id: step
      route: {again: int(n) < 100}
      from: [seed, {stage: twice, back: true}]
    - id: twice
      map: {n: n * 2}
      from: step.again
    - sort: n
      from: step.else
    - text.format: '{n}'
file last.yaml
  stages:
    - id: seed
      io.generate: 64
    - id: step
      route: {again: int(n) < 64}
      from: [seed, {stage: twice, back: true}]
    - id: twice
      map: {n: n * 2}
      from: step.again
    - text.format: '{n}'
      from: step.else
    - agg.distinct: {}
    - tail: 100
    - count: {}
file numbers
  3
  7
file two.yaml
  stages:
    - id: a
      io.read: numbers
    - id: parsed
      text.regex: '^(?P<n>\d+)$'
    - id: b
      io.generate: 2
    - id: step
      route: {again: int(n) < 50}
      from: [parsed, b, {stage: more, back: true}]
    - id: twice
      map: {n: int(n) * 2}
      from: step.again
    - id: more
      map: {n: int(n) + 1}
    - id: out
      text.format: '{n}'
      from: step.else
file direct.yaml
  stages:
    - id: a
      io.read: numbers
    - id: step
      text.regex: '^(?P<n>\d+)$'
      from: [a, {stage: more, back: true}]
    - id: way
      route: {again: int(n) < 50}
    - id: twice
      map: {n: int(n) * 2}
      from: way.again
    - id: more
      text.format: '{n}'
    - id: out
      text.format: '{n}'
      from: way.else
file program.yaml
  stages:
    - id: seed
      io.generate: 5
    - id: step
      route: {again: int(n) < 100}
      from: [seed, {stage: parse, back: true}]
    - id: twice
      exec.filter: [sh, -c, 'while read -r n; do sleep 0.1; echo $((n * 2)); done']
      from: step.again
    - id: parse
      text.regex: '^(?P<n>\d+)$'
    - text.format: '{n}'
      from: step.else
file shared.yaml
  stages:
    - id: both
      io.stdin:
    - id: step
      text.grep: x
      from: [both, {stage: back, back: true}]
    - id: back
      text.grep: nothing
    - sort: []
      from: [both, step]
$ pipe run sorted.yaml
> 128
> 128
> 128
> 160
> 192
exit 0
$ pipe run last.yaml
> {"count":32}
exit 0
# several stages, two inputs from outside, one of them a file that the workers read
$ pipe run two.yaml | sort
> 63
> 63
> 63
> 95
exit 0
# the file straight into the cycle
$ pipe run direct.yaml | sort
> 56
> 96
exit 0
# a program in the cycle: nobody can know when it is done, so that nothing may be lost in silence
$ pipe run program.yaml
! …when their cycle had ended…
exit 1
# nor does one that holds what a source sent into the cycle and to it
$ printf 'y\nx\n' | pipe run shared.yaml
> x
> x
> y
