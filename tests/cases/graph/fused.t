# neighbours run fused where nobody can tell: check --explain says which, and whoever needs a channel of his own is not
file g.yaml
  stages:
    - io.read: in
    - {id: a, use: text.grep, with: 'x'}
    - {id: b, use: text.replace, with: {pattern: x, with: y}}
    - {id: c, use: text.case, with: upper, fuse: false}
    - {id: d, use: text.trim, workers: 3}
    - {id: e, use: text.trim, from: {stage: d, capacity: 9}}
    - {id: f, use: text.trim, from: {stage: e, timeout: 1s}}
    - {id: g, use: text.trim, batch: {records: 1}}
    - {id: h, use: text.split, with: {names: [k]}}
    - {id: h2, use: text.trim, partition_by: k}
    - {id: i, use: count}
    - {id: j, use: text.grep, with: 'n'}
file in
  x
$ pipe check --explain g.yaml | sed -n 's/^\([a-z][a-z0-9.]*\).*, line.*/\1/p; s/^  -> //p' | paste -d' ' - - | grep -v '^io'
> a b: fused
> b c: 4 batches
> c d: 4 batches
> d e: 9 batches (given)
> e f: 4 batches, timeout 1s: fail
> f g: fused
> g h: 4 batches
> h h2: 4 batches
> h2 i: 4 batches
> i j: 4 batches
> j io.stdout: 4 batches
# fused or not, the answer is one
$ for n in 1 2 3; do seq 2000 | pipe run -e "text.grep: 1 | text.replace: {pattern: 1, with: x} | {count: , workers: $n}"; done | uniq
> {"count":1271}
# a chain is only so long: its stages are called on one stack
$ (echo 'stages:'; yes '  - text.grep: x' | head -n 2000) >many.yaml; echo x | pipe run many.yaml
> x
