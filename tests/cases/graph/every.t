# a fold with `every` emits and starts anew; at the end it emits the rest
file g.yaml
  stages:
    - io.stdin: {}
    - count: {}
      every: 20ms
$ mkfifo in; : >out; (exec 3>in; printf 'a\nb\n' >&3; while ! grep -q ':2}' out; do sleep 0.01; done; echo c >&3) & pipe run g.yaml <in >out; grep -v ':0}' out
> {"count":2}
> {"count":1}
exit 0
