# --seed: the same number repeats the run, another number is another order of arrival
file fan-in.yaml
  defaults: {batch: {records: 1}}
  stages:
    - {id: a, use: io.generate, with: {count: 30, text: 'a{n}'}}
    - {id: b, use: io.generate, with: {count: 30, text: 'b{n}'}}
    - text.grep: .
      from: [a, b]
      workers: 4
      ordered: false
$ for n in $(seq 20); do pipe run --seed 7 fan-in.yaml | cksum; done | sort -u | wc -l
> 1
$ for n in $(seq 20); do pipe run --seed $n fan-in.yaml | cksum; done | sort -u | wc -l | grep -cE '^(1[0-9]|20)$'
> 1
# each line once
$ pipe run --seed 7 fan-in.yaml | sort -V | sed -n '1p;30p;31p;60p'
> a1
> a30
> b1
> b30
exit 0
