# must fail: another line on stdout
$ echo a
> b
