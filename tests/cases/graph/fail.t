# without on_error a bad record fails the run; what was complete before it is written, and the message names the record
$ pipe run -e 'text.regex: ^(?P<n>[0-9]+)$'
< 1
< 2
< x
< 4
> 1
> 2
! …stage 'text.regex': record 3: … in: x
exit 1
