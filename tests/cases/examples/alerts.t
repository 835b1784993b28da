# fan-out, a timeout, dead letters
$ (head -n 300 examples/data/dns.ndjson; echo "{broken"; tail -n 700 examples/data/dns.ndjson) | pipe run examples/alerts.yaml | sort
> slow: da97042df41e3bf7fb1bb0bd3ae2b21c.clo.footprintdns.com took 0.803102970123291 s
> {"rcode_name":"NXDOMAIN","count":32}
! examples/alerts.yaml:30:22: warning: stage 'report' (io.stdout) reads branches of 'kinds' in the order of arrival: the order that they had is lost
! 30 |     from: [failures, slow]
!    |                      ^^^^ a sort behind it makes an order again
exit 0
$ cat rejects.txt
> parsed: malformed JSON at byte 2: expected a key in double quotes
exit 0
