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
# nothing is left of a file that was to be put in its place at the end, though the process is killed, and a name that somebody left is no fault
$ mkfifo held; { pipe run -e 'io.read: held | io.write: {path: whole, atomic: true}' & p=$!; exec 3>held; echo a >&3; until ls -l /proc/$p/fd | grep -qE 'part|deleted'; do sleep 0.02; done; kill -KILL $p; wait $p; } 2>/dev/null; ls whole*
! …
exit 2
$ sh -c 'touch other.$$.part; exec pipe run -e "io.generate: 2 | io.write: {path: other, atomic: true}"'; cat other; ls other* | wc -l
> 1
> 2
> 2
$ sh -c 'touch 3.txt.$$.part; exec pipe run -e "io.generate: 3 | io.write: {path: \"{}.txt\", atomic: true}"'; cat 1.txt 2.txt 3.txt
> 1
> 2
> 3
