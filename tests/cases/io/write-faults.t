# io.write: what cannot be written is found before anything runs; a full disk names path and cause
$ pipe run -e 'io.write: no/such/file'
! …error: …cannot write 'no/such/file': the folder 'no/such': No such file or directory
! …
exit 2
$ mkdir d; pipe run -e 'io.write: d'
! …error: …cannot write 'd': it is a folder
! …
exit 2
$ pipe run -e 'io.write: {path: f, append: true, atomic: true}'
! …error: …append and atomic exclude each other
! …
exit 2
$ echo a | pipe run -e 'io.write: /dev/full'
! …cannot write '/dev/full': No space left on device
exit 1
$ echo a | pipe run -e 'io.stdout' > /dev/full
! …cannot write to standard output: No space left on device
exit 1
