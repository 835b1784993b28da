# slow requests, from JSON lines to CSV
$ pipe run --var seconds=0.08 examples/slow-queries.yaml examples/data/dns.ndjson
> ts,rtt,query,qtype_name,client
> 2018-03-24T17:17:58.287722Z,0.803102970123291,da97042df41e3bf7fb1bb0bd3ae2b21c.clo.footprintdns.com,A,10.47.6.10
> 2018-03-24T17:26:07.521044Z,0.15427088737487793,informa.com,A,10.47.7.10
> 2018-03-24T17:32:15.227636Z,0.12771391868591309,pkg.cdn.trueos.org,A,10.47.1.10
> 2018-03-24T17:19:36.690442Z,0.10953903198242188,a767.dspw65.akamai.net,A,10.47.25.25
> 2018-03-24T17:24:42.032668Z,0.10099077224731445,secure.skypeassets.com,A,10.47.7.10
> 2018-03-24T17:23:17.451824Z,0.08358907699584961,assets.pinterest.com,A,10.47.1.10
exit 0
