# folders: true makes what is missing of the path, also in front of its first field
$ printf '%s\n' a b | pipe run -e 'text.fields: [k] | io.write: {path: "x/y/{k}/z.log", folders: true}'; echo c | pipe run -e "io.write: {path: $PWD/p/q/c.gz, folders: true, atomic: true}"; grep -r '' x | sort; gzip -dc p/q/c.gz; ls p/q
> x/y/a/z.log:a
> x/y/b/z.log:b
> c
> c.gz
$ echo d | pipe run -e 'io.write: {path: p//q/../r/d, folders: true}'; echo e | pipe run -e 'io.write: {path: e, folders: true}'; cat p/r/d e
> d
> e
# nothing is made before the run, and nothing where it cannot be
$ pipe check -e 'text.fields: [k] | io.write: {path: "w/{k}", folders: true}' >/dev/null; test -e w || echo none; touch plain; pipe run -e 'io.write: {path: plain/x/y, folders: true}'
> none
! …cannot write 'plain/x/y': the folder 'plain/x': Not a directory
! …
exit 2
$ ln -s gone dangling; echo f | pipe run -e 'io.write: {path: dangling/f, folders: true}'
! …cannot write 'dangling/f': 'dangling' is a link that leads nowhere
! …
exit 2
$ pipe run -e 'io.write: {path: some/, folders: true}' </dev/null; pipe run -e 'text.fields: [k] | io.write: some/{k}/' </dev/null; ls -d some
! …'some/' ends with a '/': it names a folder, and no file in it
! …
! …'some/{k}/' ends with a '/': it names a folder, and no file in it
! …
! …
exit 2
# a value leads nowhere else
$ echo .. | pipe run -e 'text.fields: [k] | io.write: {path: "v/{k}/x", folders: true}'; ls -d v
! …the path 'v/../x' made of 'v/{k}/x' names no file in: ..
! …
exit 2
