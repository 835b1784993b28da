# text.grep: invert, fixed text, anchors at record ends, and what searching over blocks must not find
$ pipe run -e 'text.grep: {pattern: a.c, fixed: true}'
< abc
< a.c
> a.c
$ pipe run -e 'text.grep: {pattern: a, invert: true}'
< a
< b
< ba
> b
$ pipe run -e 'text.grep: ^b$'
< ab
< b
< bc
> b
# nothing matches across a line end
$ printf 'a\nb\n' | pipe run -e 'text.grep: "a\sb"'
# a carriage return belongs to the record and a missing last newline stays missing
$ printf 'x\r\nxy' | pipe run -e 'text.grep: x' | od -An -c | tr -s ' '
>  x \r \n x y
# bytes that are no text pass through unharmed
$ printf 'a\0b\377\nc\n' | pipe run -e 'text.grep: b' | od -An -c | tr -s ' '
>  a \0 b 377 \n
