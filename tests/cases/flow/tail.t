# tail: the last records, over batches, fewer than there are, none
$ pipe run -e 'io.generate: 100000 | tail: 3'
> 99998
> 99999
> 100000
$ pipe run -e 'io.generate: 100000 | tail: 20000 | head: 1'
> 80001
$ pipe run -e 'tail: 5'
< a
< b
> a
> b
$ pipe run -e 'tail: 0'
< a
$ printf 'a\nb' | pipe run -e 'tail: 1' | od -An -c | tr -s ' '
>  b
# fields come along
$ pipe run -e 'json.parse | tail: 1 | text.format: "{n}"'
< {"n":1}
< {"n":2}
> 2

# what it does not take
$ pipe check -e "tail: many"
! -e:1:7: error: option 'count' of tail takes a whole number, not 'many'
! …
exit 2
