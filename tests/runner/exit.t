# must fail: another exit code
$ exit 3
exit 2
