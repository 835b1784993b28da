# head ends the run at once, however much its source would give, and that is success
$ pipe run -e 'io.generate: 1000000000000 | head: 2'
> 1
> 2
exit 0
$ yes | pipe run -e 'text.grep: y | head: 1'
> y
exit 0
$ pipe run -e 'io.generate: 1000000000000' | head -n 1
> 1
exit 0
