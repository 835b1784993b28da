# blanks at the ends go away; the newline missing at the end stays missing
$ printf '  a b \t\r\nx\n  \n y' | pipe run -e 'text.trim' | od -An -c | tr -s ' '
>  a b \n x \n \n y
$ pipe run -e 'text.trim: {side: right} | text.format: "{}|"'
<  a 
>  a|
$ pipe run -e 'text.trim: {side: left, characters: "0x"} | text.format: "{}|"'
< 00x70
> 70|
# fields: text alone, others and missing ones stay
$ pipe run -e 'json.parse | text.trim: [a, b]'
< {"a":" x ","b":1,"c":" y "}
< {"c":" z"}
< {"a":["  "],"b":"v "}
> {"a":"x","b":1,"c":" y "}
> {"c":" z"}
> {"a":["  "],"b":"v"}
# as sed does it, on real data
$ sed 's/^[ \t]*//; s/[ \t\r]*$//' examples/data/birdstrikes.csv > expected
$ pipe run -e 'text.trim' examples/data/birdstrikes.csv | cmp - expected
$ pipe run -e 'text.trim: {characters: ""}'
! …
! …names no byte to take away…
! …
exit 2
