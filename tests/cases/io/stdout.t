# io.stdout: a reader that goes away early is success and stops an endless source
$ { pipe run -e 'io.generate | text.grep: 7'; echo "exit $?" >&2; } | head -1
> 7
! exit 0
# even while nothing is written
$ { pipe run -e 'io.generate | text.grep: "^7$"'; echo "exit $?" >&2; } | head -1
> 7
! exit 0
# what a large file holds comes out of a pipe as it is, whole stretches of it and what a filter left, with and without a last newline
$ { seq 300000; printf end; } > a; seq 200000 300000 > b; pipe run -e 'io.read: [a, b, a] | text.grep: .' | cat > out; { seq 300000; echo end; cat b a; } | cmp - out && echo same
> same
$ pipe run -e 'text.grep: {pattern: 7777, invert: true}' b | cat > out; grep -v 7777 b | cmp - out && echo same
> same
# and a reader may leave in the middle of it
$ { pipe run -e 'text.grep: .' a; echo "exit $?" >&2; } | head -c 8
> 1
> 2
> 3
> 4
! exit 0

# what it does not take
$ pipe check -e "io.stdout: {framing: tabs}"
! -e:1:22: error: option 'framing' of io.stdout takes lines, nul or none, not 'tabs'
! …
exit 2
