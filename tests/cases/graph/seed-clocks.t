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
# now() is virtual as well, so that a test can tell what it gives
$ for n in 1 2; do pipe run --seed 7 -e 'io.generate: {count: 3, interval: 12h} | map: {at: format_time(now())}'; done | sort | uniq -c | tr -s ' '
>  2 {"n":1,"at":"2026-01-01T00:00:00Z"}
>  2 {"n":2,"at":"2026-01-01T12:00:00Z"}
>  2 {"n":3,"at":"2026-01-02T00:00:00Z"}
