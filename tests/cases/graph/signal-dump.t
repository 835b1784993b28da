# SIGQUIT prints the pipeline as it stands, and the run goes on
$ mkfifo in; (exec 3>in; echo a >&3; while [ ! -e stop ]; do sleep 0.02; done; echo a >&3) & pipe run -e 'text.grep: a | io.write: out' <in 2>err & p=$!; while [ ! -s out ]; do sleep 0.02; done; kill -QUIT $p; while [ ! -s err ]; do sleep 0.02; done; touch stop; wait $p; echo $?; cat out; grep -c 'io.stdin -> text.grep' err
> 0
> a
> a
> 1
exit 0
