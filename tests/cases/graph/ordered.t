# a pool keeps the order of its input, however uneven its pieces are
file g.yaml
  stages:
    - io.generate: 20000
    - text.grep: .
      workers: 8
      grain: 7
    - map: {n: 'int(n) * 1'}
      workers: 5
      grain: 3
    - text.format: '{n}'
$ pipe run g.yaml | cksum; seq 20000 | cksum
> 3231941463 108894
> 3231941463 108894
exit 0
