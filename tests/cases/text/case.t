# upper, lower and title case; letters of UTF-8; bytes that are no text stay
$ pipe run -e 'text.case: upper'
< straße café λόγος привет Ža žito
> STRAßE CAFÉ ΛΌΓΟΣ ПРИВЕТ ŽA ŽITO
$ pipe run -e 'text.case: lower'
< ÀÉ ΣΑΣ ЁЖ Ÿ 日本 X
> àé σασ ёж ÿ 日本 x
$ pipe run -e 'text.case: title'
< the QUICK-brown fox's 2ND élan
> The Quick-Brown Fox's 2nd Élan
$ printf 'a\303\nb\377' | pipe run -e 'text.case: upper' | od -An -c | tr -s ' '
>  A 303 \n B 377
$ pipe run -e 'json.parse | text.case: {to: upper, fields: [a, b]}'
< {"a":"x","b":1,"c":"y"}
> {"a":"X","b":1,"c":"y"}
$ pipe run -e 'text.grep: o | text.case: upper'
< one
< b
< two
> ONE
> TWO
# as tr does it, on real data
$ tr a-z A-Z < examples/data/access.log > expected
$ pipe run -e 'text.case: upper' examples/data/access.log | cmp - expected
$ pipe run -e 'text.case: big'
! …
! …'big'…
! …
exit 2
