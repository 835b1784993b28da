# any of several patterns: plain texts, fixed ones, expressions
$ pipe run -e 'text.grep: {any: [foo, bar]}'
< xfoo
< baz
< barfoo
<
< ba
> xfoo
> barfoo
$ pipe run -e 'text.grep: {any: [a.c, "^x"], invert: true}'
< abc
< xy
< yx
> yx
$ pipe run -e 'text.grep: {any: [a.c, "x"], fixed: true}'
< abc
< a.c
< yx
> a.c
> yx
$ printf 'a\nb' | pipe run -e 'text.grep: {any: [a, b]}' | od -An -c | tr -s ' '
>  a \n b
# behind stages that made fields, and behind a selection
$ pipe run -e 'json.parse | text.grep: {any: ["1}", "3}"]} | fields.keep: a'
< {"a":1}
< {"a":2}
< {"a":3}
> {"a":1}
> {"a":3}
$ pipe run -e 'text.fields | text.grep: {any: [x, z]} | text.format: "{f2}"'
< x 1
< y 2
< z 3
> 1
> 3
$ pipe run -e 'text.grep: {pattern: y, invert: true} | text.grep: {any: [x, z], invert: true}'
< x
< y
< w
> w
# against grep, on real data
$ grep -F -e Chrome/32 -e " 404 " -e bingbot examples/data/access.log > expected
$ pipe run -e 'text.grep: {any: [Chrome/32, " 404 ", bingbot]}' examples/data/access.log | cmp - expected
$ grep -v -F -e Chrome/32 -e " 404 " -e bingbot examples/data/access.log > expected
$ pipe run -e 'text.grep: {any: [Chrome/32, " 404 ", bingbot], invert: true}' examples/data/access.log | cmp - expected
$ grep -E -e 'Chrome/3[0-2]' -e ' 5[0-9][0-9] ' examples/data/access.log > expected
$ pipe run -e 'text.grep: {any: ["Chrome/3[0-2]", " 5\d\d "]}' examples/data/access.log | cmp - expected
$ pipe run -e 'text.grep: {any: ["a(b", c]}'
! -e:1:…: error: …
! …
exit 2
$ pipe run -e 'text.grep: {invert: true}'
! …
! …there is no pattern to search for…
! …
exit 2
$ pipe run -e 'text.grep: {pattern: a, any: [b]}'
! …
! …`pattern` is given as well; put it into the list…
! …
exit 2
