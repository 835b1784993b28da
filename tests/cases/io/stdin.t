# io.stdin: framings, and records over the limit
$ printf 'a\nb\0c\0' | pipe run -e 'io.stdin: nul | text.grep: b | io.stdout: nul' | od -An -c | tr -s ' '
>  a \n b \0
$ printf 'a\nb\n' | pipe run -e 'io.stdin: none | text.replace: {pattern: "\n", with: "+"}'
> a+b
$ printf 'one\ntwo\nthree\n' | pipe run -e 'io.stdin: {max_record: 3}'
> one
> two
! …standard input: the record that begins at byte 8 is longer than 3 bytes; max_record sets the limit, framing says what ends a record
exit 1
# nothing at all
$ pipe run -e 'io.stdin' < /dev/null
# descriptors 0 to 2 keep their flags
$ sleep 0.2 | { exec 4>&1; pipe run -e 'io.stdin'; for f in 0 4 2; do awk '/^flags/ { print (index("4567", substr($2, length($2) - 3, 1)) > 0) }' /proc/self/fdinfo/$f; done; } | cat
> 0
> 0
> 0
