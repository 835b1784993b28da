# route: the first port whose expression is true, the rest to else
file r.yaml
  stages:
    - io.stdin
    - id: by
      json.parse:
    - id: sorted
      route: {big: n > 10, odd: n % 2 == 1}
    - id: big
      text.format: 'big {n}'
      from: sorted.big
    - id: odd
      text.format: 'odd {n}'
      from: sorted.odd
    - id: rest
      text.format: 'rest {n}'
      from: sorted.else
    - io.write: out
      from: [big, odd, rest]
$ pipe run r.yaml 2>err && sort out
< {"n":1}
< {"n":2}
< {"n":11}
< {"n":12}
< {"m":1}
> big 11
> big 12
> odd 1
> rest 
> rest 2
