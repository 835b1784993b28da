# SIGTERM drains: what came before it is written, and the shell sees the signal
# (whether a shell says "Terminated" depends on when it looks)
$ { mkfifo in; (exec 3>in; echo a; echo a >&3; sleep 60 & s=$!; while kill -0 $PPID 2>/dev/null && [ ! -e stop ]; do sleep 0.05; done; kill $s) & pipe run -e 'text.grep: a' <in >out 2>err & p=$!; while [ ! -s out ]; do sleep 0.05; done; kill -TERM $p; wait $p; echo $?; touch stop; cat out err; wait; } 2>/dev/null
> a
> 143
> a
exit 0
