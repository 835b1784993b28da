# head: cuts within a batch and stops an endless source
$ pipe run -e 'io.generate | head: 3'
> 1
> 2
> 3
$ pipe run -e 'head: 0'
< a
$ pipe run -e 'head: 5'
< a
< b
> a
> b
$ yes | pipe run -e 'text.grep: y | head: 2'
> y
> y
# of more than one batch
$ pipe run -e 'io.generate: 100000 | head: 90000 | tail: 1'
> 90000
$ pipe run -e 'head: -1'
! …
exit 2
