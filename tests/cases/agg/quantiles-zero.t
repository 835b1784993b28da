# -0 is 0, whichever of them came first
$ pipe run -e 'csv.parse | agg.quantiles: {of: k, at: [0, 0.5, 1]}'
< k
< 0
< -0
< -0
> {"count":3,"p0":0,"p50":0,"p100":0}
