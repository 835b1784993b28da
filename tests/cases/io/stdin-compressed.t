# standard input is bytes as they come: of compressed ones that is said, and what reads them
$ seq 3 | gzip | pipe run -e count | sed 's/[0-9]/N/'
> {"count":N}
! pipe: warning: stage 'io.stdin': standard input begins like gzip data, which is read as bytes here; io.read: '-' decompresses it
$ seq 3 | gzip | pipe run -e 'io.read: "-" | count'
> {"count":3}
