# SIGQUIT prints the pipeline as it stands: who holds up whom, and what each fiber does, by stage, with the calls it is in
$ mkfifo in; (exec 3>in; echo a >&3; while [ ! -e stop ]; do sleep 0.02; done; echo a >&3) & pipe run -e 'text.grep: a | io.write: out' <in 2>err & p=$!; while [ ! -s out ]; do sleep 0.02; done; kill -QUIT $p; while ! grep -q 'names the line' err; do sleep 0.02; done; touch stop; wait $p; echo $?; cat out; grep -c 'io.stdin -> text.grep' err; grep -c '^io.stdin: ' err; grep -c '^fiber ' err; grep -c 'pipes::pipelines::unit::' err | sed 's/^[1-9][0-9]*$/calls/'
> 0
> a
> a
> 1
> 1
> 0
> calls
exit 0
