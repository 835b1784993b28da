# flow.merge: all of its inputs, by arrival or by key
file m.yaml
  stages:
    - id: a
      io.generate: {count: 1000, first: 1}
    - id: b
      io.generate: {count: 1000, first: 1001}
    - flow.merge:
      from: [a, b]
    - io.write: out
file k.yaml
  stages:
    - id: a
      io.generate: {count: 20000, first: 1}
    - id: odd
      where: n % 2 == 1
    - id: b
      io.generate: {count: 20000, first: 1}
    - id: even
      where: n % 2 == 0
    - flow.merge: n
      from: [odd, even]
    - io.write: out
$ pipe run m.yaml 2>err; sort -n out | awk '$1 != NR {bad = 1} END {print NR, bad + 0}'
> 2000 0
$ pipe run k.yaml 2>err; awk '$1 != NR {bad = 1} END {print NR, bad + 0}' out
> 20000 0

# what it does not take
$ pipe check -e "flow.merge: {order: x}"
! -e:1:14: error: flow.merge has no option 'order'
! …
exit 2
