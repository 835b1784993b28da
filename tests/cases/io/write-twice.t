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
$ pipe run twice.yaml ./out 2>&1 | grep -c "cannot write '.*out': it is being written by the same pipeline, as a whole; .append: true. lets several stages write into a file"; ln -sf out link; pipe run twice.yaml link 2>&1 | grep -c 'written by the same'; pipe run twice.yaml out false true 2>&1 | grep -c 'written by the same'
> 1
> 1
> 1
$ pipe run both.yaml 2>/dev/null; wc -l <log
> 6
# one after the other is another thing, and so are devices
$ pipe run -e 'io.generate: 2 | io.write: out' && pipe run -e 'io.generate: 3 | io.write: out' && wc -l <out; pipe run twice.yaml /dev/null 2>/dev/null
> 3
