# --seed: how fast stdin comes and how fast stdout goes changes nothing, though both are pipes
file both.yaml
  stages:
    - {id: numbers, use: io.stdin}
    - {id: made, use: io.generate, with: {count: 200000, text: 'made {n}'}}
    - text.grep: .
      from: [numbers, made]
      workers: 3
      ordered: false
file slowly
  for n in 1 2 3 4 5; do seq $((n * 50000)) $((n * 50000 + 49999)); sleep 0.02; done
$ for n in 1 2 3; do (seq 50000 299999 | pipe run --seed 4 both.yaml | cksum; sh slowly | pipe run --seed 4 both.yaml | (sleep 0.1; cksum)); done | sort -u | wc -l
> 1
$ for n in $(seq 8); do seq 50000 299999 | pipe run --seed $n both.yaml | cksum; done | sort -u | wc -l | grep -c '^[2-8]$'
> 1
exit 0
