# must fail: the last newline is missing
$ printf a
> a
