# must fail: lines of stderr do not pass for lines of stdout
$ echo a; echo b >&2
> …
> a
