# a fold with `every` emits and starts anew; at the end it emits the rest
file g.yaml
  stages:
    - io.stdin: {}
    - count: {}
      every: 100ms
$ (echo a; echo b; sleep 1; echo c) | pipe run g.yaml | grep -v ':0}'
> {"count":2}
> {"count":1}
exit 0
