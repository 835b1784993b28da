# a crawl along the links of a site, by a cycle that ends by itself
$ pipe run examples/crawl.yaml examples/data/site | sort
> about.html
> channels.html
> fibers.html
> guard/pages.html
> index.html
> select.html
> stacks.html
> timers.html
exit 0
$ pipe run examples/crawl.yaml examples/data/site orphan.html | sort | head -n 2
> about.html
> channels.html
exit 0
