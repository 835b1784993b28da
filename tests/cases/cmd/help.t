# help and version go to stdout
$ pipe --version
> pipe …
> plugin ABI 1
exit 0
$ pipe --help | head -n 1
> usage: pipe VERB [OPTION...] [OPERAND...]
exit 0
$ pipe help run | head -n 2
> usage: pipe run [OPTION...] FILE|- [ARG...]
>        pipe run [OPTION...] -e 'STAGE | STAGE...' [FILE...]
exit 0
$ pipe run --help | grep -e --drain-timeout
>   --drain-timeout DURATION  How long a stopped run may take to write what is under way (10s)
exit 0
