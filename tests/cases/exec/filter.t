# exec.filter: reads and writes at once, may stop early, may be silent
$ printf 'b\na' | pipe run -e 'exec.filter: [sort]'
> a
> b
$ seq 300000 > in; pipe run -e 'io.read: in | exec.filter: [cat] | exec.filter: [cat]' | cmp - in && echo same
> same
$ pipe run -e 'io.generate | exec.filter: [head, -n, "2"]'
> 1
> 2
$ pipe run -e 'io.generate: 100000 | exec.filter: ["true"]'
$ pipe run -e 'io.generate: 3 | exec.filter: [sh, -c, "cat; echo note >&2"]'
> 1
> 2
> 3
! note
# several workers, each with a program: as many as are asked for, or one for each thread
$ seq 10 | pipe run --threads 3 -e '{exec.filter: [sh, -c, "cat > /dev/null; echo one"], workers: 2}'
> one
> one
$ seq 10 | pipe run --threads 3 -e '{exec.filter: [sh, -c, "cat > /dev/null; echo one"], workers: auto}'
> one
> one
> one
# it ends when its reader does
$ pipe run -e 'io.generate | exec.filter: [cat] | head: 1'
> 1
# SIGPIPE means in the child what it means in a shell
$ pipe run -e 'exec.filter: [sh, -c, "trap"]'
# it ends with its program, though more input may come
$ { echo a; while [ ! -e stop ]; do sleep 0.05; done; } | { timeout 10 pipe run -e 'exec.filter: [head, -n, "1"]'; touch stop; }
> a
