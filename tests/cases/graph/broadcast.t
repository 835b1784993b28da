# one output read by two stages: each gets every record; a fan-in of both has them all
file g.yaml
  stages:
    - id: src
      io.generate: 1000
    - id: sevens
      text.grep: 7
      from: src
    - id: others
      text.grep: {pattern: 7, invert: true}
      from: src
    - id: both
      use: flow.merge
      from: [sevens, others]
    - count: {}
$ pipe run g.yaml
> {"count":1000}
exit 0
