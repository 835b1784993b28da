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
$ (echo a; sleep 60) | { pipe run close.yaml; kill $(pgrep -P $$ sleep) 2>/dev/null; }
> a
exit 0
$ (echo a; sleep 60) | { pipe run fail.yaml; echo $?; kill $(pgrep -P $$ sleep) 2>/dev/null; }
> a
> 1
! …nothing came on the edge io.stdin -> text.grep for 50 ms…
exit 0
