# text.regex: what becomes of a record that does not match
$ pipe run -e '{text.regex: {pattern: "^(?P<n>\d+)$", unmatched: skip}} | text.format: "<{n}>"'
< 1
< x
< 2
> <1>
> <2>
$ pipe run -e '{text.regex: {pattern: "^(?P<n>\d+)$", unmatched: pass}} | text.format: "<{n}>"'
< 1
< x
< 2
> <1>
> <>
> <2>
$ pipe run -e '{text.regex: "^(?P<n>\d+)$", on_error: skip} | text.format: "<{n}>"'
< 1
< x
< 2
> <1>
> <2>
! …
$ pipe run -e 'text.regex: "^(?P<n>\d+)$" | text.format: "<{n}>"'
< 1
< x
< 2
> <1>
! …the pattern does not match 'x'…
exit 1
