# exec.each: the record or fields as arguments, output in the order of the input, fields kept, no shell
$ pipe run -e 'exec.each: [echo, "<{}>"]'
< a  b
< $(rm x); *
> <a  b>
> <$(rm x); *>
$ pipe run -e 'json.parse | exec.each: [printf, "%s\n%s\n", "{a}", "{b}"]'
< {"a":1,"b":"x y"}
> 1
> x y
$ pipe run -e 'text.split: {names: [k, v]} | exec.each: [echo, "{v}"] | text.format: "{k} {}"'
< a 1
< b 2
> a 1
> b 2
# the slowest first: the order stays
$ pipe run -e '{exec.each: [sh, -c, "sleep 0.{}; echo {}"], workers: 4}'
< 3
< 2
< 1
< 0
> 3
> 2
> 1
> 0
# no output, empty lines, a missing newline
$ pipe run -e 'exec.each: [printf, "{}"]'
< a\n\nb
< 
< c
> a
>
> b
> c
