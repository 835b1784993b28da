# a record over max_record in a large file fails the run, and all that was complete before it is written
$ { seq 200000; head -c 200000 /dev/zero | tr '\0' x; echo; seq 5; } > in; pipe run -e 'io.read: {path: in, max_record: 100000} | text.grep: .' > out; echo $?; seq 200000 | cmp - out && echo same
> 1
> same
! …record 200001: the record that begins at byte 1288895 is longer than 100000 bytes…
exit 0
