# a second signal aborts what the first one drains; the shell sees the signal
$ pipe run -e 'io.generate: 1 | exec.each: [sh, -c, "echo {} >started; sleep 100"]' & p=$!; while [ ! -s started ]; do sleep 0.02; done; kill -TERM $p; sleep 0.2; kill -TERM $p; wait $p; echo $?
> 143
! Terminated
exit 0
