# a key that no stage before makes is an error, also where the stage makes a field of that name for its output
$ pipe run -e 'text.regex: ^(?P<ip>\S+) | top: pi'
< 192.0.2.7 a
! -e:1:33: error: no stage before stage 'top' (agg.top) makes a field 'pi'
! 1 | text.regex: ^(?P<ip>\S+) | top: pi
!   |                                 ^^ did you mean 'ip'?
exit 2
