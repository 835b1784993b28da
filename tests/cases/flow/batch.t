# batches of a given size; a merge passes each batch whole, and so shows where they end
file m.yaml
  stages:
    - id: a
      io.generate: {count: 10000, text: a}
    - {use: where, with: 'true', batch: {records: 4}, id: af, fuse: false}
    - {flow.batch: 300, id: ab}
    - id: b
      io.generate: {count: 10000, text: b}
    - {use: where, with: 'true', batch: {records: 4}, id: bf, fuse: false}
    - {flow.batch: 300, id: bb}
    - flow.merge:
      from: [ab, bb]
$ pipe run m.yaml 2>/dev/null > out; awk '{if ($1 != last && NR > 1 && n[last] % 300 && n[last] != 10000) bad = 1; last = $1; n[$1]++} END {print n["a"], n["b"], bad + 0}' out
> 10000 10000 0
$ for how in '{records: 7}' '{records: 5000}' '{bytes: 10}' '{records: 7, bytes: 13, time: 1s}' '{time: 10ms}'; do pipe run -e "io.generate: 1000 | {where: n % 3 != 0, batch: {records: 4}} | flow.batch: $how" | awk '$1 % 3 == 0 {bad = 1} {s += $1} END {print NR, s, bad + 0}'; done
> 667 333667 0
> 667 333667 0
> 667 333667 0
> 667 333667 0
> 667 333667 0
# a record that comes alone waits no longer than the time
$ mkfifo in; : > out; (exec 3>in; echo a >&3; while [ ! -s out ]; do sleep 0.02; done; echo b >&3) & pipe run -e 'flow.batch: {records: 10, time: 20ms}' <in >out; cat out
> a
> b
$ pipe run -e 'flow.batch: {}'
! …
! …what makes a batch?…
! …
exit 2
