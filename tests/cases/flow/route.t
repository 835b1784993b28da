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
exit 0
# a port that no 'from' could name
$ pipe run -e 'io.generate: 3 | route: {a.b: n > 1, else: n > 2}'
! -e:1:26: error: the port 'a.b' cannot be read: 'from: STAGE.PORT' is cut at the last dot, so a port's name has none
! 1 | io.generate: 3 | route: {a.b: n > 1, else: n > 2}
!   |                          ^^^
! -e:1:38: error: the port 'else' is there without being named: it gets what no other port takes
! 1 | io.generate: 3 | route: {a.b: n > 1, else: n > 2}
!   |                                      ^^^^
exit 2
