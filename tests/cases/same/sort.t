# what compares equal stays in its order (variants.cpp runs this with other batches and workers)
$ pipe run -e 'csv.parse | agg.sort: n'
< k,n
< b,9
< a,10
< c,9
< d,10
> b,9
> c,9
> a,10
> d,10
$ pipe run -e 'text.kv | agg.sort: -n | flow.sample: {every: 3}'
< n=1 a=1
< n=2
< a=3
< n=1 b=4
> n=2
> a=3
