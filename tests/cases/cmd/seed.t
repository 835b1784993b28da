# --seed asks for a whole number above 0
$ pipe run --seed x -e 'io.generate: 1'
! …--seed…
! …
exit 2
# one thread runs such a run
$ pipe run --seed 1 --threads 2 -e 'io.generate: 1'
! pipe run: --seed runs everything on one thread: leave out --threads
! …
exit 2
