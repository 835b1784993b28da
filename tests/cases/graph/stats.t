# --stats: a source that has ended is at work no more: the bottleneck is who keeps the run
$ seq 3 >in; pipe run --stats -e 'flow.throttle: {rate: 2} | agg.count' <in 2>&1 | sed -n 's/ was at work.*//p; /^{/p'
> {"count":3}
> bottleneck: flow.throttle
# with a seed time is virtual, for the line about the bottleneck as for the table
$ pipe run --seed 1 --stats -e 'io.generate: {count: 3, interval: 10s} | count' 2>&1 | tail -n 1
> bottleneck: io.generate was at work 100 % of 20.000 s
$ pipe run --seed 1 --stats -e 'io.generate: 3 | count' 2>&1 | tail -n 1
> bottleneck: none was seen: no time passed
