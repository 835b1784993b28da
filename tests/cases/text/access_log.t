# the common format, the combined one, what is odd and what is none
$ pipe run -e 'text.access_log | json.format'
< 10.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 12
< ::1 id jane doe [10/Oct/2000:13:55:36 -0700] "GET /a b HTTP/1.1" 404 - "-" "x \"y\" z" extra
< h - - [t] "" 400 0 "-" "-"
< h - - [t] "\x16\x03" 400 0
< h - - [t] "GET /old" 200 1
> {"ip":"10.0.0.1","ident":null,"user":null,"time":"10/Oct/2000:13:55:36 -0700","method":"GET","path":"/","protocol":"HTTP/1.0","status":200,"size":12}
> {"ip":"::1","ident":"id","user":"jane doe","time":"10/Oct/2000:13:55:36 -0700","method":"GET","path":"/a b","protocol":"HTTP/1.1","status":404,"size":null,"referer":null,"agent":"x \\\"y\\\" z"}
> {"ip":"h","ident":null,"user":null,"time":"t","path":"","status":400,"size":0,"referer":null,"agent":null}
> {"ip":"h","ident":null,"user":null,"time":"t","path":"\\x16\\x03","status":400,"size":0}
> {"ip":"h","ident":null,"user":null,"time":"t","path":"GET /old","status":200,"size":1}
# every line of a real log, against awk's cutting
$ awk -F'"' 'function d(x) {return x == "-" ? "" : x} {split($1, a, " "); split($2, r, " "); split($3, s, " "); print a[1], r[1], r[2], s[1], d(s[2]), d($4), d($6)}' examples/data/access.log > expected
$ pipe run -e 'text.access_log | text.format: "{ip} {method} {path} {status} {size} {referer} {agent}"' examples/data/access.log | cmp - expected
$ pipe run -e 'text.access_log | group: {count: n, sum: {bytes: size}}' examples/data/access.log > mine
$ awk '{n++; if ($10 != "-") b += $10} END {printf "{\"n\":%d,\"bytes\":%d}\n", n, b}' examples/data/access.log | diff - mine
# a line of another form
$ pipe run -e '{text.access_log: {}, on_error: skip} | text.format: "{ip}"'
< 10.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 12
< some text
< 10.0.0.2 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" ok 12
< 10.0.0.3 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 12
> 10.0.0.1
> 10.0.0.3
! …no line of an access log: 'some text'…
! …no line of an access log: '10.0.0.2…
exit 0
$ pipe run -e 'text.access_log: pass | json.format'
< some text
< h - - [t] "GET / HTTP/1.0" ok
> {}
> {}
$ pipe run -e 'text.access_log: skip'
< some text
< h - - [t] "GET / HTTP/1.0" 200 1
> h - - [t] "GET / HTTP/1.0" 200 1
