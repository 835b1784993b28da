# two sources with intervals, read by one stage: who is first where both are due is drawn, and time takes no time
file clocks.yaml
  stages:
    - {id: day, use: io.generate, with: {count: 4, interval: 24h, text: 'day {n}'}}
    - {id: week, use: io.generate, with: {count: 3, interval: 48h, text: '  two days {n}'}}
    - text.grep: .
      from: [day, week]
      batch: {records: 1}
$ for n in $(seq 20); do timeout 20 pipe run --seed $n clocks.yaml | cksum; done | sort -u | wc -l | grep -cE '^([2-9]|1[0-9]|20)$'
> 1
$ for n in $(seq 20); do timeout 20 pipe run --seed 3 clocks.yaml | cksum; done | sort -u | wc -l
> 1
exit 0
