# a drain that cannot end within its time does not wait for the end of that time: what a slow stage has not begun is given up
$ seq 100000 >in; { pipe run --drain-timeout 50s -e 'exec.each: [sh, -c, "sleep 0.1; echo {}"]' in >out 2>err & p=$!; while [ ! -s out ]; do sleep 0.05; done; kill -TERM $p; wait $p; echo $?; } 2>/dev/null; cat err >&2; head -1 out
> 143
> 1
! pipe: warning: stage 'exec.each': … records that were not begun yet are given up, with all behind them: they need longer than --drain-timeout leaves
exit 0
$ rm out; { pipe run --drain-timeout 50s -e 'flow.throttle: 20' in >out 2>err & p=$!; while [ ! -s out ]; do sleep 0.05; done; kill -TERM $p; wait $p; echo $?; } 2>/dev/null; cat err >&2; head -1 out
> 143
> 1
! pipe: warning: stage 'flow.throttle': … records that wait to pass are given up, with all behind them: they need longer than --drain-timeout leaves
exit 0
$ seq 20 >few; { pipe run --drain-timeout 50s -e 'exec.filter: [tee, came] | flow.delay: 1h' few 2>err & p=$!; while [ ! -s came ]; do sleep 0.05; done; kill -TERM $p; wait $p; echo $?; } 2>/dev/null; cat err >&2
> 143
! pipe: warning: stage 'flow.delay': 20 records whose time has not come are given up, with all behind them: they need longer than --drain-timeout leaves
exit 0
# … and what can be written in time is; a named pipe that nobody opens keeps the run until the signal
$ rm out; mkfifo more; { pipe run --drain-timeout 50s -e 'flow.throttle: 20' few more >out 2>err & p=$!; while [ ! -s out ]; do sleep 0.05; done; kill -TERM $p; wait $p; echo $?; } 2>/dev/null; cat err >&2; tail -1 out
> 143
> 20
$ rm out; seq 100 >some; { pipe run --drain-timeout 20s -e '{exec.each: [sh, -c, "[ {} != 1 ] || sleep 2; sleep 0.02; echo {}"], workers: 1}' some >out 2>err & p=$!; while [ ! -s out ]; do sleep 0.05; done; kill -TERM $p; wait $p; echo $?; } 2>/dev/null; cat err >&2; tail -1 out
> 143
> 100
