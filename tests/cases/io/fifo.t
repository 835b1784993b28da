# named pipes that nobody has opened at the other end: a signal and --timeout end the run all the same, at once
file there
  x
$ { mkfifo in; pipe run -e 'io.read: [there, in]' >out 2>err & p=$!; while [ ! -s out ]; do sleep 0.01; done; kill -TERM $p; wait $p; echo $?; cat out err; } 2>/dev/null
> 143
> x
$ mkfifo way; echo a | pipe run --timeout 100ms --drain-timeout 100ms -e 'io.write: way'
! …--timeout 100ms: stopping the sources
! …what was in flight was not written within --drain-timeout: aborting
exit 5
# a reader that comes late gets all, a writer that comes late is heard to its end
$ mkfifo late; (seq 3 | pipe run -e 'io.write: late') & sleep 0.1; cat late; wait
> 1
> 2
> 3
$ mkfifo slow; (sleep 0.1; seq 3 >slow) & pipe run -e 'io.read: slow'; wait
> 1
> 2
> 3
# a reader that leaves as soon as it is there ends the run, well or not: nobody waits for another one
$ for i in $(seq 20); do mkfifo gone$i; : <gone$i & echo a | timeout 20 pipe run -e "io.write: gone$i" 2>/dev/null; [ $? -lt 2 ] || echo waits; done; wait
