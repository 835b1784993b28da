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
