# readers with one `share` compete: together they get every record once
file g.yaml
  stages:
    - id: src
      io.generate: 1000
      batch: {records: 10}
    - id: a
      text.grep: .
      from: src
      share: pool
    - id: b
      text.grep: .
      from: src
      share: pool
    - id: both
      use: flow.merge
      from: [a, b]
    - agg.distinct: {}
    - count: {}
$ pipe run g.yaml
> {"count":1000}
exit 0
