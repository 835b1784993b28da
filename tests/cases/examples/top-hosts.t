# the ten busiest addresses of an access log
$ pipe run examples/top-hosts.yaml examples/data/access.log
> {"ip":"66.249.73.135","count":99}
> {"ip":"46.105.14.53","count":72}
> {"ip":"65.55.213.73","count":58}
> {"ip":"50.139.66.106","count":52}
> {"ip":"86.76.247.183","count":50}
> {"ip":"144.76.194.187","count":41}
> {"ip":"67.61.65.249","count":38}
> {"ip":"111.199.235.239","count":37}
> {"ip":"122.166.142.108","count":34}
> {"ip":"100.43.83.137","count":31}
exit 0
