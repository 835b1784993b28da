# exec.each: a status is an error of that record, whose output is dropped
$ pipe run -e '{exec.each: [sh, -c, "echo out {}; exit {}"], on_error: skip}'
< 0
< 3
< 0
> out 0
> out 0
! …
$ pipe run -e 'exec.each: [sh, -c, "echo out {}; exit {}"]'
< 0
< 3
< 0
> out 0
! …'sh -c echo out 3; exit 3' exited with status 3…
exit 1
$ pipe run -e 'exec.each: [no-such-program, "{}"]'
< a
! …error: …no program 'no-such-program' in PATH
! …
exit 2
