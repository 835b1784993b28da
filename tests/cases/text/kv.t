# logfmt: quotes, escapes, bare keys, keys that come twice; fields come in the order of their names
$ pipe run -e 'text.kv | json.format'
< level=info msg="say \"hi\"\n" n=12 s="12" fast
< n=1 n=2 =x a= b="" c=x"y
<
> {"fast":true,"level":"info","msg":"say \"hi\"\n","n":12,"s":"12"}
> {"a":"","b":"","c":"x\"y","n":1}
> {}
# … whatever came before
$ pipe run -e 'text.kv | map: {x: 1}'
< c=3 b=2 a=1
< a=4 c=5
> {"a":1,"b":2,"c":3,"x":1}
> {"a":4,"c":5,"x":1}
$ pipe run -e 'text.kv | where: ms > 10 and host == "b"'
< host=a ms=20
< ms=30 host=b other=1
< host=b ms=9
> ms=30 host=b other=1
$ pipe run -e "text.kv: {separator: '&'} | json.format"
< a=1&&b=x y&c
> {"a":1,"b":"x y","c":true}
# a quote that is not closed is an error of that record
$ pipe run -e '{text.kv: {}, on_error: skip} | json.format'
< a=1
< a="x b=2
< a=3
> {"a":1}
> {"a":3}
! …a quote is not closed in 'a="x b=2'…
exit 0
$ pipe run -e 'text.kv: {assign: "::"}'
! …
! …takes one byte…
! …
exit 2
$ pipe run -e 'text.kv: {assign: " "}'
! …
! …'assign' is what `separator` is already…
! …
exit 2
# a record that lacks a key keeps the field of that name that it had before, whatever other records have
$ pipe run -e 'text.regex: ^(?<level>[a-z]+):? | text.kv | text.format: "{level}"'
< warn: a=1
< note level=error
< info b=2
> warn
> error
> info
# how many keys are too many does not depend on who met them
$ seq -f 'k%.0f=1' 4097 >many; head -n 4096 many >fit; for f in many fit; do for w in 1 3; do pipe run --threads 3 -e "{io.read: $f, batch: {bytes: 4KiB}} | {text.kv: {}, workers: $w} | json.format" >out 2>said; echo "$? $(grep -c 'more than 4096 different keys' said)"; done; done; wc -l <out
> 1 1
> 1 1
> 0 0
> 0 0
> 4096
