# a source on a pipe reads whole blocks, however they arrive
file pieces.yaml
  stages:
    - io.stdin: {}
    - count: {}
      from: {stage: io.stdin, timeout: 10ms, on_timeout: tick}
$ (echo a; sleep 0.1; echo b; sleep 0.1; echo c) | pipe run --seed 5 pieces.yaml
> {"count":3}
exit 0
