# every part of the form at once
file dir/one
  first

  third
file two
  no newline
\

$ cat dir/one two
> first
>
> third
> no newline
\
exit 0
# a second command, continued, in the same folder
$ cat
  echo from stderr >&2
< from stdin
< last
\
> from stdin
> last
\
! from stderr
exit 0
$ seq 1 100; exit 7
> 1
> …
> 99
> 1…0
exit 7
