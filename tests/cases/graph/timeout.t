# an edge on which nothing comes: on_timeout says what happens
file close.yaml
  stages:
    - io.stdin: {}
    - text.grep: .
      from: {stage: io.stdin, timeout: 50ms, on_timeout: close}
file fail.yaml
  stages:
    - io.stdin: {}
    - text.grep: .
      from: {stage: io.stdin, timeout: 50ms}
$ (echo a; while [ ! -e stop ]; do sleep 0.05; done) | { pipe run close.yaml; touch stop; }
> a
exit 0
$ (echo a; while [ ! -e halt ]; do sleep 0.05; done) | { pipe run fail.yaml; echo $?; touch halt; }
> a
> 1
! …nothing came on the edge io.stdin -> text.grep for 50 ms…
exit 0
