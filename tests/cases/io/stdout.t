# io.stdout: a reader that goes away early is success and stops an endless source
$ { pipe run -e 'io.generate | text.grep: 7'; echo "exit $?" >&2; } | head -1
> 7
! exit 0
# even while nothing is written
$ { pipe run -e 'io.generate | text.grep: "^7$"'; echo "exit $?" >&2; } | head -1
> 7
! exit 0
