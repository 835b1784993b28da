# --stats: a source that has ended is at work no more: the bottleneck is who keeps the run
$ seq 3 >in; pipe run --stats -e 'flow.throttle: {rate: 2} | agg.count' <in 2>&1 | sed -n 's/ was at work.*//p; /^{/p'
> {"count":3}
> bottleneck: flow.throttle
