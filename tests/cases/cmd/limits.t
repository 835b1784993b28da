# what ran out is named, and what sets how much there is (a sanitizer itself needs memory and descriptors)
$ if ldd "$(command -v pipe)" | grep -qE 'lib[at]san'; then echo 1; else for n in 3 4 5 6 7 8; do (ulimit -n $n; exec pipe run -e 'io.generate: {count: 1, interval: 1ms}') 2>&1; done | sort -u | grep -c '^pipe: error: cannot wait for input and output (epoll and eventfd, two descriptors: ulimit -n): Too many open files$'; fi
> 1
$ if ldd "$(command -v pipe)" | grep -qE 'lib[at]san'; then echo 1; else (ulimit -v 600000; pipe run -e 'io.generate: {interval: 1h} | {map: {a: n}, workers: 20000, fuse: false} | io.discard' 2>&1) | grep -c '^pipe: error: no memory for the stack of another fiber (ulimit -v'; fi
> 1
$ echo a > in.txt; if ldd "$(command -v pipe)" | grep -qE 'lib[at]san'; then echo 1; else for n in 3 4 5 6 7 8; do (ulimit -n $n; exec pipe run -e 'text.grep: a' in.txt) 2>&1; done | sed 's/is [0-9]*)/is N)/' | sort -u | grep -c "^pipe: error: stage 'io.read': cannot read 'in.txt': Too many open files (ulimit -n is "; fi
> 1
$ pipe run -e 'io.generate: {count: 100000, text: "{\"a\":{n},\"b\":\"x{n}\",\"c\":[1,2,3]}"} | io.write: in.json'; if ldd "$(command -v pipe)" | grep -qE 'lib[at]san'; then printf "0\ntold\n1\n"; else for v in $(seq 105 5 200); do (ulimit -v ${v}000; exec pipe run -e 'json.parse | map: {d: a + 1} | json.format | distinct: d | io.discard' in.json 2>err.$v); echo $? $(tail -n 1 err.$v); done | grep -cvE '^[01]( |$)|^127 cannot allocate memory for thread-local data: ABORT'; cat err.* | grep -c 'out of memory' | sed 's/^[1-9][0-9]*$/told/'; (ulimit -v 250000; pipe run -e 'io.generate: 1'); fi
> 0
> told
> 1
