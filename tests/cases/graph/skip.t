# on_error: skip leaves the record out and says so
$ pipe run -e '{text.regex: "^(?P<n>[0-9]+)$", on_error: skip}'
< 1
< x
< 3
> 1
> 3
! …skipped…
exit 0
