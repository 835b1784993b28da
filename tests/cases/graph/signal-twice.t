# a second signal aborts what the first one drains; the shell sees the signal
$ { pipe run --log-level info -e 'io.generate: 1 | exec.each: [sh, -c, "echo {} >started; sleep 100"]' 2>err & p=$!; while [ ! -s started ]; do sleep 0.02; done; kill -TERM $p; while ! grep -q 'SIGTERM: stopping' err; do sleep 0.02; done; kill -TERM $p; wait $p; echo $?; } 2>/dev/null
> 143
exit 0
# what is not written within --drain-timeout is given up
$ { rm started; pipe run --drain-timeout 50ms -e 'io.generate: 1 | exec.each: [sh, -c, "echo {} >started; sleep 100"]' 2>err & p=$!; while [ ! -s started ]; do sleep 0.02; done; kill -TERM $p; wait $p; echo $?; grep -c 'aborting' err; } 2>/dev/null
> 143
> 1
exit 0
