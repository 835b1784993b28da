# io.generate: counts; the number is a field too
$ pipe run -e 'io.generate: 3'
> 1
> 2
> 3
$ pipe run -e 'io.generate: {count: 2, first: -1, text: "no {n}, {n}"}'
> no -1, -1
> no 0, 0
$ pipe run -e 'io.generate: 10 | where: n % 4 == 0'
> 4
> 8
$ pipe run -e 'io.generate: 0'
$ pipe run -e 'io.generate: 1000000' | tail -1
> 1000000
$ pipe run -e 'io.generate: {count: 3, interval: 10ms}'
> 1
> 2
> 3
