# must fail: an unexpected line on stderr
$ echo a; echo b >&2
> a
