# a drain for which too much waits writes what it has time for, in order, drops the end, and says how many records that were
$ seq 2000 >in; { pipe run --drain-timeout 5s -e 'exec.each: [sh, -c, "sleep 0.02; echo {}"]' in >out 2>err & p=$!; while [ ! -s out ]; do sleep 0.05; done; kill -TERM $p; wait $p; echo $?; } 2>/dev/null; cat err >&2
> 143
! pipe: warning: stage 'exec.each': … records were dropped: --drain-timeout left no time for them
exit 0
$ n=$(wc -l <out); seq $n | cmp - out && [ $n -gt 5 ] && echo $((n + $(sed -n "s/.*: \([0-9]*\) records were dropped.*/\1/p" err)))
> 2000
exit 0
$ rm out; { pipe run --drain-timeout 5s -e 'flow.throttle: 20 | text.format: "{}"' in >out 2>err & p=$!; while [ ! -s out ]; do sleep 0.05; done; kill -TERM $p; wait $p; echo $?; } 2>/dev/null; cat err >&2
> 143
! pipe: warning: stage 'flow.throttle': … records were dropped: --drain-timeout left no time for them
exit 0
$ n=$(wc -l <out); seq $n | cmp - out && [ $n -gt 5 ] && echo $((n + $(sed -n "s/.*: \([0-9]*\) records were dropped.*/\1/p" err)))
> 2000
exit 0
# … of all that the source has read
$ rm out; seq 300000 >many; mkfifo held; { pipe run --stats --drain-timeout 5s -e 'flow.throttle: 20' many held >out 2>err & p=$!; while [ ! -s out ]; do sleep 0.05; done; kill -TERM $p; wait $p; echo $?; } 2>/dev/null; dropped=$(sed -n "s/.*: \([0-9]*\) records were dropped.*/\1/p" err); echo $(($(wc -l <out) + dropped - $(awk '$1 == "io.read" {print $4}' err)))
> 143
> 0
exit 0
# … where a stage behind gathers, it has time to tell what came
$ rm out; { pipe run --drain-timeout 5s -e 'exec.each: [sh, -c, "sleep 0.02; echo {} | tee -a begun"] | sort' in >out 2>err & p=$!; while [ ! -s begun ]; do sleep 0.05; done; kill -TERM $p; wait $p; echo $?; } 2>/dev/null; cat err >&2
> 143
! pipe: warning: stage 'exec.each': … records were dropped: --drain-timeout left no time for them
exit 0
$ sort begun | cmp - out && echo same
> same
exit 0
# what would have to wait longer than that is not waited for at all
$ seq 20 >few; { pipe run --drain-timeout 50s -e 'exec.filter: [tee, came] | flow.delay: 1h' few 2>err & p=$!; while [ ! -s came ]; do sleep 0.05; done; kill -TERM $p; wait $p; echo $?; } 2>/dev/null; cat err >&2
> 143
! pipe: warning: stage 'flow.delay': 20 records were dropped: --drain-timeout left no time for them
exit 0
# … and what can be written in time is; a named pipe that nobody opens keeps the run until the signal
$ rm out; mkfifo more; { pipe run --drain-timeout 50s -e 'flow.throttle: 20' few more >out 2>err & p=$!; while [ ! -s out ]; do sleep 0.05; done; kill -TERM $p; wait $p; echo $?; } 2>/dev/null; cat err >&2; tail -1 out
> 143
> 20
$ rm out; seq 100 >some; { pipe run --drain-timeout 20s -e '{exec.each: [sh, -c, "[ {} != 1 ] || sleep 2; sleep 0.02; echo {}"], workers: 1}' some >out 2>err & p=$!; while [ ! -s out ]; do sleep 0.05; done; kill -TERM $p; wait $p; echo $?; } 2>/dev/null; cat err >&2; tail -1 out
> 143
> 100
# a pause before an attempt that would be longer than the drain may take is none: one attempt more, and on_error says what becomes of the record
$ rm -f begun out; seq 3 >three; { pipe run --drain-timeout 40s -e '{exec.each: [sh, -c, "echo {} >>begun; [ {} != 2 ] && echo {}"], workers: 1, on_error: {retry: {times: 5, backoff: 1h}, then: skip}} | sort' three >out 2>err & p=$!; until [ "$(cat begun | wc -l)" -gt 1 ]; do sleep 0.05; done; kill -TERM $p; wait $p; echo $?; } 2>/dev/null; cat out; grep -c aborting err
> 143
> 1
> 3
> 0
exit 1
