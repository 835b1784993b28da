# the ends are inserted: stdin in front, stdout behind; a missing last newline stays missing
$ printf 'a\nb' | pipe run -e 'text.grep: .' | od -c | head -n 1
> 0000000   a  \n   b
exit 0
$ printf 'a\nb' | pipe run -e 'text.grep: a' | od -c | head -n 1
> 0000000   a  \n
exit 0
