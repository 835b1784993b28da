# an edge on which nothing comes, by the real clock (seed-time.t has what happens in virtual time)
file close.yaml
  stages:
    - io.stdin: {}
    - text.grep: .
      from: {stage: io.stdin, timeout: 2s, on_timeout: close}
# the line is in the FIFO before the run starts; the writer holds it open until the run has ended
$ mkfifo in; (exec 3<>in; echo a >&3; touch wrote; while [ ! -e stop ]; do sleep 0.02; done) & while [ ! -e wrote ]; do sleep 0.01; done; pipe run close.yaml <in; touch stop; wait
> a
exit 0
