# io.generate: counts; the number is a field too
$ pipe run -e 'io.generate: 3'
> 1
> 2
> 3
$ pipe run -e 'io.generate: {count: 2, first: -1, text: "no {n}, {n}"}'
> no -1, -1
> no 0, 0
$ pipe run -e 'io.generate: 10 | where: n % 4 == 0'
> 4
> 8
$ pipe run -e 'io.generate: 0'
$ pipe run -e 'io.generate: 1000000' | tail -1
> 1000000
$ pipe run -e 'io.generate: {count: 3, interval: 10ms}'
> 1
> 2
> 3
# a batch holds no more than `batch.bytes`, so that what `check --explain` says of memory is true; blocks come in sizes of their own
$ text="{n} a text of some length: few of them fit into a batch, since each is counted by its bytes, and by its bytes, and by its bytes"
  for s in 'io.generate: 1000000' "io.generate: {count: 3000, text: '$text'}" 'io.generate: {count: 3, text: "{n}"}'; do
    for n in '' n; do pipe run -e "$s | probe.sizer: {most: 261KiB, reads: [$n]}" | uniq; done; done
> within
> within
> within
> within
> within
> within
$ pipe run -e '{use: io.generate, with: {count: 100000}, batch: {bytes: 16KiB}} | probe.sizer: 17KiB' | uniq
> within
$ pipe run -e '{use: io.generate, with: {count: 1000}, batch: {bytes: 1}} | probe.sizer: 1KiB' | uniq -c | tr -s ' '
>  1000 within
# where it is known how many there will be, --progress shows how far it is
$ mkfifo out; : >said; pipe run --progress -e 'io.generate: 2000000' >out 2>said & exec 3<out; until tr '\r' '\n' <said | grep -o '[0-9]* records, [0-9]*/s, [0-9]* % of 2000000, [0-9]* s left' >line; do sleep 0.05; done; cat <&3 | tail -n 1; wait; head -n 1 line | sed 's/[0-9.]\+/N/g'
> 2000000
> N records, N/s, N % of N, N s left

# what it does not take
$ pipe check -e "io.generate: {count: 1, interval: x}"
! -e:1:35: error: option 'interval' of io.generate takes a duration (250ms, 5s, 1m30s), not 'x'
! …
exit 2
