# text.grep: invert, fixed text, anchors at record ends, and what searching over blocks must not find
file variable.yaml
  stages:
    - text.grep: '^a\${1}$'
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
# records that hold a byte: an empty one is left out wherever it stands, a carriage return or a NUL is a byte
$ printf '\na\n\n\r\n\0\n\n' | pipe run -e 'text.grep: .' | od -An -c | tr -s ' '
>  a \n \r \n \0 \n
$ printf 'a\nb' | pipe run -e 'text.grep: . | text.grep: ^.+$' | od -An -c | tr -s ' '
>  a \n b
$ printf 'a\n\n\nb' | pipe run -e 'text.grep: {pattern: ., invert: true}' | od -An -c | tr -s ' '
>  \n \n
$ printf '\n' | pipe run -e 'text.grep: . | agg.count'
> {"count":0}
# a backslash before a variable makes no escape of it
$ pipe run variable.yaml d
< a1
< a\d
> a\d
$ pipe run variable.yaml .
< a\d
< a\.
> a\.
