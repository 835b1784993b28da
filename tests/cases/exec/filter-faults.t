# exec.filter: a program that is not there, a status, a signal
$ pipe run -e 'exec.filter: [no-such-program]'
! …error: …no program 'no-such-program' in PATH
! …
exit 2
$ pipe run -e 'exec.filter: [sort -r]'
! …error: …no program 'sort -r' in PATH; program and arguments are a list, [sort, ...], no shell cuts them
! …
exit 2
$ echo a | pipe run -e 'exec.filter: [sh, -c, "cat; exit 3"]'
> a
! …'sh -c cat; exit 3' exited with status 3
exit 1
$ echo a | pipe run -e 'exec.filter: [sh, -c, "kill -9 $$"]'
! …'sh -c kill -9 $$' was killed by SIGKILL
exit 1
