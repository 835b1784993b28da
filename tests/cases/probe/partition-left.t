# where a worker of a pool that deals by key has left, what is its share is dropped: it holds up neither the others nor the failure
file left.yaml
  stages:
    - id: some
      io.generate: {count: COUNT, text: '{n}'}
      batch: {records: 1}
    - id: rest
      io.generate: {interval: 1h, text: y}
    - id: keys
      text.split: {names: [k]}
      from: [some, rest]
      fuse: false
    - exec.filter: [sh, -c, 'mkdir taken 2>/dev/null && exec head -n 1 || exec cat']
      from: [{stage: keys, timeout: 300ms, on_timeout: fail}]
      partition_by: k
      workers: 2
$ for count in 2 4 40; do sed "s/COUNT/$count/" left.yaml >some.yaml; rm -rf taken; pipe run some.yaml >out; echo "exit $?"; done
> exit 1
> exit 1
> exit 1
! pipe: error: some.yaml:11:5: stage 'exec.filter': nothing came on the edge keys -> exec.filter for 300ms (timeout with on_timeout: fail)
! pipe: error: some.yaml:11:5: stage 'exec.filter': nothing came on the edge keys -> exec.filter for 300ms (timeout with on_timeout: fail)
! pipe: error: some.yaml:11:5: stage 'exec.filter': nothing came on the edge keys -> exec.filter for 300ms (timeout with on_timeout: fail)
