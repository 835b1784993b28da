# must fail: a line is missing
$ echo a
> a
> b
