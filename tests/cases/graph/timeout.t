# an edge on which nothing comes: on_timeout says what happens
file close.yaml
  stages:
    - io.stdin: {}
    - text.grep: .
      from: {stage: io.stdin, timeout: 300ms, on_timeout: close}
file fail.yaml
  stages:
    - io.stdin: {}
    - text.grep: .
      from: {stage: io.stdin, timeout: 300ms}
# the line is in the FIFO before the run starts; the writer holds it open until the run has ended
$ mkfifo in; (exec 3<>in; echo a >&3; touch wrote; while [ ! -e stop ]; do sleep 0.02; done) & while [ ! -e wrote ]; do sleep 0.01; done; pipe run close.yaml <in; touch stop; wait
> a
exit 0
$ rm wrote stop; (exec 3<>in; echo a >&3; touch wrote; while [ ! -e stop ]; do sleep 0.02; done) & while [ ! -e wrote ]; do sleep 0.01; done; pipe run fail.yaml <in; echo $?; touch stop; wait
> a
> 1
! …nothing came on the edge io.stdin -> text.grep for 300 ms…
exit 0
