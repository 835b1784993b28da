# text.regex: a pattern without a name makes nothing
$ pipe run -e 'text.regex: "a(b)"'
! …error: …the pattern names no group; (?P<name>...) makes a field, text.grep only filters
! …
exit 2
