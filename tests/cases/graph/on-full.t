# on_full: fail is a failure of the writer that names the channel
file fail.yaml
  stages:
    - id: src
      io.generate: 1000
      batch: {records: 1}
    - id: slow
      exec.each: [sh, -c, 'sleep 0.2; echo {}']
      from: {stage: src, capacity: 1, on_full: fail}
    - io.discard: {}
$ pipe run fail.yaml
! …stage 'src' (io.generate): the channel src -> slow is full (on_full: fail, capacity 1)
exit 1
