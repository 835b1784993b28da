# a file for each record's path; folders are made, records keep their order
$ pipe run -e 'csv.parse | text.format: "{n}" | io.write: out/{host}/{day}.log'
< host,day,n
< a,1,1
! …the folder 'out': No such file or directory; `folders: true` makes it
! …
exit 2
$ mkdir out; pipe run -e 'csv.parse | text.format: "{n}" | io.write: "out/{host}/{day}.log"'
< host,day,n
< a,1,1
< b,1,2
< a,1,3
< a,2,4
< ,1,5
$ grep -r '' out | sort
> out/1.log:5
> out/a/1.log:1
> out/a/1.log:3
> out/a/2.log:4
> out/b/1.log:2
# more files than may be open at a time: closed ones go on where they were
$ seq 20000 > in; mkdir many; pipe run -e 'text.fields: [n] | map: {k: n % 300} | text.format: "{n}" | flow.batch: 50 | io.write: many/f{k}' in; ls many | wc -l; for k in 0 7 299; do awk -v k=$k '$1 % 300 == k' in | cmp - many/f$k; done
> 300
$ pipe run -e 'text.fields: [n] | map: {k: n % 40} | text.format: "{n}" | flow.batch: 500 | io.write: many/{k}.gz' in; for k in 0 39; do awk -v k=$k '$1 % 40 == k' in > expected; gzip -dc many/$k.gz | cmp - expected; done
# emptied when the first record comes, or kept
$ printf 'x,1\n' > many/x; pipe run -e '{text.split: {separator: ",", names: [k]}} | io.write: {path: "many/{k}", append: true}'
< x,2
$ cat many/x
> x,1
> x,2
# whole or not at all
$ mkdir whole; (seq 10; echo x) | pipe run -e '{text.regex: "(?P<n>\d+)", batch: {records: 1}} | io.write: {path: "whole/{n}", atomic: true}' 2>err; echo $?; ls whole
> 1
$ seq 10 | pipe run -e 'text.regex: "(?P<n>\d+)" | io.write: {path: "whole/{n}", atomic: true}'; ls whole | sort -n | tr '\n' ' '; echo
> 1 2 3 4 5 6 7 8 9 10 
# a value leads nowhere else
$ pipe run -e 'text.fields: [k] | io.write: "many/{k}.log"'
< ../../etc
! …record 1: the path 'many/../../etc.log' made of 'many/{k}.log' has a '/' out of a value in: ../../etc
exit 1
$ pipe run -e 'text.fields: [k] | io.write: "many/{k}"'
< ..
! …record 1: the path 'many/..' made of 'many/{k}' names no file in: ..
exit 1
# a record that names no file: what came before it is written, on_error is obeyed
$ printf 'a\nb\nx/y\na\n' >in; mkdir some; pipe run -e 'io.read: in | text.fields: [k] | io.write: some/{k}.gz'; ls some; gzip -dc some/*
> a.gz
> b.gz
> a
> b
! …stage 'io.write': 'in': record 3 of those that came here: the path 'some/x/y.gz' made of 'some/{k}.gz' has a '/' out of a value in: x/y
$ pipe run -e 'io.read: in | text.fields: [k] | {use: io.write, with: {path: some/{k}}, on_error: skip}'; cat some/a some/b
> a
> a
> b
! …stage 'io.write': 'in': record 3 of those that came here: the path 'some/x/y' made of 'some/{k}' has a '/' out of a value in: x/y (skipped)
exit 0
$ mkdir dots; printf '%s\n' .. . ... a | pipe run -e 'text.fields: [k] | {use: io.write, with: {path: "dots/{k}"}, on_error: skip}'; ls -A dots
> ...
> a
! …record 1: the path 'dots/..' made of 'dots/{k}' names no file in: .. (skipped)
! …record 2: the path 'dots/.' made of 'dots/{k}' names no file in: . (skipped)
exit 0
$ mkdir long; x=$(printf 'x%.0s' $(seq 252)); printf '%s\n' a "$x" "${x}y" b | pipe run -e 'text.fields: [k] | {use: io.write, with: {path: "long/{k}.log"}, on_error: skip}' 2>err; ls long | wc -c; cut -c1-130 err
> 12
> pipe: warning: stage 'io.write': record 2: the path made of 'long/{k}.log' has a name of 256 bytes; 255 is the most in: xxxxxxxxxx
> pipe: warning: stage 'io.write': record 3: the path made of 'long/{k}.log' has a name of 257 bytes; 255 is the most in: xxxxxxxxxx
# a symbolic link to a file that is not there yet stays as well, with `atomic`
$ mkdir to; ln -s ../to/new to/link; echo a | pipe run -e 'io.write: {path: to/link, atomic: true}'; echo b | pipe run -e 'io.write: {path: to/link, atomic: true}'; cat to/new; readlink to/link; ls to
> b
> ../to/new
> link
> new
# with few descriptors there are fewer files open at a time, and none is left out
$ mkdir few; (ulimit -n 40; pipe run -e 'io.generate: 20000 | map: {k: n % 500} | io.write: "few/{k}.txt"'); ls few | wc -l; cat few/* | wc -l; head -n 2 few/7.txt
> 500
> 20000
> {"n":7,"k":7}
> {"n":507,"k":7}
$ mkdir gz; (ulimit -n 40; pipe run -e 'io.generate: 2000 | map: {k: n % 100} | io.write: {path: "gz/{k}.gz", atomic: true}'); ls gz | wc -l; zcat gz/* | wc -l
> 100
> 2000
