# --stall prints the same by itself when nothing has moved for that long, and the run goes on
$ mkfifo in; (exec 3>in; while [ ! -e stop ]; do sleep 0.02; done; echo a >&3) & pipe run --stall 50ms -e 'text.grep: a' <in >out 2>err & p=$!; while ! grep -qs 'names the line' err; do sleep 0.02; done; touch stop; wait $p; echo $?; cat out; grep -o 'nothing has moved for 50ms' err | sort -u; grep -q 'io.stdin -> text.grep' err && grep -q '^io.stdin: select ' err && echo graph and fibers
> 0
> a
> nothing has moved for 50ms
> graph and fibers
exit 0
