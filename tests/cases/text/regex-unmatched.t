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
# a record that passes keeps the fields that it has: several forms of a line, one stage each
$ pipe run -e '{text.regex: {pattern: "^ip=(?<ip>\S+)", unmatched: pass}} | {text.regex: {pattern: "from (?<ip>\S+) by (?<who>\S+)", unmatched: pass}} | text.format: "{ip} {who}"'
< ip=1.2.3.4
< from 5.6.7.8 by ann
< else
> 1.2.3.4 
> 5.6.7.8 ann
>  
