# SIGTERM drains: what came before it is written, and the shell sees the signal
$ mkfifo in; (exec 3>in; echo a; echo a >&3; sleep 60 & s=$!; while kill -0 $PPID 2>/dev/null && [ ! -e stop ]; do sleep 0.05; done; kill $s) & pipe run -e 'text.grep: a' <in >out & p=$!; while [ ! -s out ]; do sleep 0.05; done; kill -TERM $p; wait $p; echo $?; touch stop; cat out; wait
> a
> 143
> a
! Terminated
exit 0
