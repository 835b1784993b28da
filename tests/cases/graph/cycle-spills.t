# a cycle that multiplies: what waits at its back edge goes to disk, and it ends by itself with everything done
file g.yaml
  stages:
    - id: seed
      io.generate: 1
    - id: step
      route: {again: int(n) < 8192}
      from: [seed, {stage: twice, back: true}]
      memory: 64KiB
    - id: left
      map: {n: n * 2}
      from: step.again
    - id: right
      map: {n: n * 2 + 1}
      from: step.again
    - id: twice
      where: 'true'
      from: [left, right]
    - id: leaves
      group: {count: n, min: {least: n}, max: {most: n}, sum: {all: n}}
      from: step.else
$ pipe run g.yaml
> {"n":8192,"all":100659200,"least":8192,"most":16383}
