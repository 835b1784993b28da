# io.write: empties, appends, replaces at the end
$ echo old > f; printf 'a\nb\n' | pipe run -e 'io.write: f'; cat f
> a
> b
$ printf 'c' | pipe run -e 'io.write: {path: f, append: true}'; cat f; echo
> a
> b
> c
$ chmod 600 f; printf 'new\n' | pipe run -e 'io.write: {path: f, atomic: true}'; cat f; ls f*; stat -c %a f
> new
> f
> 600
# a run that fails leaves the old file
$ printf '1\nx\n' | pipe run -e 'text.regex: "(?P<n>\d)" | io.write: {path: f, atomic: true}' 2>err; echo "exit $?"; cat f; ls f*
> exit 1
> new
> f
$ printf 'a\nb\n' | pipe run -e 'io.write: {path: f, framing: nul}'; od -An -c f | tr -s ' '
>  a \0 b \0
