# descriptors 0, 1 and 2 that are closed, full or no stream: an error that says so, never a hang, never data in another file
$ pipe run -e 'io.generate: 3' >&-
! …stage 'io.stdout': cannot write to standard output: Bad file descriptor
exit 1
$ pipe run -e 'text.grep: .' <&-
! …stage 'io.stdin': cannot read standard input: Bad file descriptor
exit 1
$ pipe run -e 'io.generate: 3 | io.write: out' <&- >&- 2>&-; echo $?; cat out
> 0
> 1
> 2
> 3
exit 0
$ pipe run -e 'io.generate: 3' 2>&-
> 1
> 2
> 3
exit 0
$ pipe run -e 'text.grep: .' <.
! …stage 'io.stdin': cannot read standard input: Is a directory
exit 1
$ pipe run -e 'io.generate: 30000' >/dev/full
! …stage 'io.stdout': cannot write to standard output: No space left on device
exit 1
$ pipe run -e 'io.generate: 30000 | io.write: /dev/full'
! …stage 'io.write': cannot write '/dev/full': No space left on device
exit 1
$ pipe run -e 'text.grep: .' </dev/null
exit 0
# a descriptor that is open for the other way round gains no rights
$ pipe run -e 'text.grep: .' 0>/dev/null
! …cannot read standard input: Bad file descriptor
exit 1
