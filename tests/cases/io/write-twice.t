# two stages that write one file would write over each other: the second is refused, before it empties anything
file twice.yaml
  stages:
    - {id: all, io.generate: 3}
    - {id: a, io.write: out, from: {stage: all, capacity: 0}}
    - {id: b, io.write: {path: "${1}", append: "${2:-false}", atomic: "${3:-false}"}, from: {stage: all, capacity: 0}}
file both.yaml
  stages:
    - {id: all, io.generate: 3}
    - {id: a, io.write: {path: log, append: true}, from: all}
    - {id: b, io.write: {path: log, append: true}, from: all}
file same.yaml
  stages:
    - {id: all, io.generate: 3}
    - {id: a, io.write: "${1}", from: all}
    - {id: b, io.write: "${1}", from: all}
file late.yaml
  stages:
    - {id: all, io.generate: 3}
    - {id: first, head: 1, from: all}
    - {id: a, io.write: f2, from: first}
    - {id: later, flow.delay: 10m, from: all}
    - {id: b, io.write: "f{n}", from: later}
$ pipe run twice.yaml ./out 2>&1 | grep -c "cannot write '.*out': the same pipeline writes it already; several stages may write into a file where each has .append: true."; ln -sf out link; pipe run twice.yaml link 2>&1 | grep -c 'writes it already'; pipe run twice.yaml out false true 2>&1 | grep -c 'writes it already'
> 1
> 1
> 1
$ pipe run both.yaml 2>/dev/null; wc -l <log
> 6
# one that appends, and one that does not; one that has been written; long names that differ at their ends alone
$ pipe run twice.yaml out true 2>&1 | grep -c 'writes it already'; pipe run --seed 1 late.yaml 2>&1 | grep -c "'f2': the same pipeline writes it already"; cat f2
> 1
> 1
> 1
$ mkdir long; (ulimit -n 24; pipe run -e "io.generate: 300 | io.write: {path: 'long/$(printf '%0250d' 7){n}', atomic: true}"); ls -A long | wc -l
> 300
# one after the other is another thing, and so are devices
$ pipe run -e 'io.generate: 2 | io.write: out' && pipe run -e 'io.generate: 3 | io.write: out' && wc -l <out; pipe run twice.yaml /dev/null 2>/dev/null
> 3
# a stage may come back to a file that it had to close, and several may write to what is no file
$ mkdir many; (ulimit -n 24; pipe run -e 'io.generate: 200 | map: {k: n % 20} | io.write: "many/{k}"'); cat many/* | wc -l; pipe run same.yaml /dev/stdout 2>/dev/null | wc -l; mkfifo fifo; { cat fifo | wc -l & pipe run same.yaml fifo 2>/dev/null; wait; }
> 200
> 6
> 6
