# io.write: what cannot be written is found before anything runs; a full disk names path and cause
$ pipe run -e 'io.write: no/such/file'
! …error: …cannot write 'no/such/file': the folder 'no/such': No such file or directory; `folders: true` makes it
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
# of a record that did not fit nothing is left
$ (ulimit -f 8; pipe run -e 'io.generate: 100000 | io.write: f'); test $(tail -n 1 f) = $(wc -l <f) && tail -c 1 f | od -An -c
> …\n
! …cannot write 'f': File too large
$ (ulimit -f 8; pipe run -e 'io.generate: {count: 100000, text: "{n} of them"} | io.write: {path: g, framing: nul}') 2>&1 | grep -c 'File too large'; tr '\0' '\n' <g | tail -n 1 | sed 's/^[0-9]* //'
> 1
> of them
# what a child does on such a limit is its own affair
$ (ulimit -f 8; pipe run -e 'io.generate: 1 | exec.each: [sh, -c, "(yes {} | head -c 9000 >h) 2>/dev/null; echo $? >&2; exit 3"]')
! 153
! …exited with status 3…
exit 1
# of a compressed file what is left are whole blocks, which everybody reads
$ pipe run -e 'io.generate: {count: 1500000, text: "{n} and {n}"}' >all; for end in gz zst xz; do (ulimit -f 600; pipe run -e "io.write: cut.$end" all 2>&1) | grep -o 'cut.*'; pipe run -e "io.read: cut.$end" >back; test $(wc -c <back) -gt 500000 && cmp -n $(wc -c <back) back all && echo whole; done
> cut.gz': File too large
> whole
> cut.zst': File too large
> whole
> cut.xz': File too large
> whole
# of several files one cannot be written: the others have all that came for them
$ mkdir many; for k in 1 3 5 7; do ln -s /dev/full many/$k.gz; done; pipe run -e 'io.generate: 8000 | map: {k: n % 8} | io.write: "many/{k}.gz"'; echo "exit $?"; for k in 0 2 4 6; do gzip -dc many/$k.gz | wc -l; done
> exit 1
> 1000
> 1000
> 1000
> 1000
! …cannot write 'many/….gz': No space left on device
$ mkdir plain; mkfifo plain/1; pipe run -e 'io.generate: 3000 | map: {k: n % 3} | io.write: {path: "plain/{k}", atomic: true}'; test -p plain/1 && ls plain; pipe run -e 'io.generate: 3000 | map: {k: n % 3} | io.write: {path: "plain/a{k}", atomic: true}'; ls plain
> 1
> 1
> a0
> a1
> a2
! …cannot write 'plain/1': only a plain file can be replaced (atomic)
# what is appended goes back to its last whole block or record as well, and what was there before stays
$ for end in gz zst xz; do head -n 100 all | pipe run -e "io.write: more.$end"; (ulimit -f 600; pipe run -e "io.write: {path: more.$end, append: true}" all 2>&1) | grep -o 'more.*'; pipe run -e "io.read: more.$end" >back; (head -n 100 all; cat all) | cmp -n $(wc -c <back) - back && test $(wc -c <back) -gt 500000 && echo whole; done
> more.gz': File too large
> whole
> more.zst': File too large
> whole
> more.xz': File too large
> whole
$ echo 0 >log; (ulimit -f 8; pipe run -e 'io.generate: {count: 100000, text: "{n} of them"} | io.write: {path: log, append: true}') 2>&1 | grep -c 'File too large'; head -n 1 log; tail -n 1 log | sed 's/^[0-9]* //'
> 1
> 0
> of them
