# what is written from now on, behind a rotation and a truncation
$ : > out; echo old > f; pipe run -e 'io.tail: f | distinct | head: 3' > out & while [ ! -s out ]; do echo a >> f; sleep 0.02; done; printf b >> f; sleep 0.05; echo c >> f; mv f f.1; echo d > f; wait $!; cat out
> a
> bc
> d
$ : > out; (echo one; echo two) > g; pipe run -e 'io.tail: {path: [g, h], from: start} | head: 4' > out & while [ $(wc -l < out) -lt 2 ]; do sleep 0.02; done; : > g; echo three >> g; while [ $(wc -l < out) -lt 3 ]; do sleep 0.02; done; echo four > h; wait $!; cat out
> one
> two
> three
> four
! …'g' was cut short; it is read from its beginning
# the old file counts until the new one holds something
$ : > out; echo 1 > r; pipe run -e 'io.tail: {path: r, from: start} | head: 4' > out & while [ $(wc -l < out) -lt 1 ]; do sleep 0.02; done; mv r r.1; : > r; echo 2 >> r.1; while [ $(wc -l < out) -lt 2 ]; do sleep 0.02; done; printf 3 >> r.1; echo 4 >> r; wait $!; cat out
> 1
> 2
> 3
> 4
# it ends by a signal, well
$ : > out; echo 1 > s; pipe run -e 'io.tail: {path: s, from: start}' > out & while [ $(wc -l < out) -lt 1 ]; do sleep 0.02; done; kill -TERM $!; exec 2>/dev/null; wait $!; echo $?; cat out
> 143
> 1
$ pipe run -e 'io.tail: no/such/f'
! …cannot follow 'no/such/f': the folder 'no/such': No such file or directory
! …
exit 2
$ pipe run -e 'io.tail: .'
! …
! …
exit 2
$ : > out; pipe run -e 'io.tail: {path: t, from: start, max_record: 3} | head: 1' > out & sleep 0.1; echo four > t; wait $!; echo $?
> 1
! …'t': a record is longer than 3 bytes; max_record sets the limit…
# a file that is read from its beginning begins: with a byte order mark, with a header
$ printf '\357\273\277{"a":1}\n' > m; pipe run -e 'io.tail: {path: m, from: start} | json.parse | head: 1 | json.format'
> {"a":1}
$ : > out; printf '\357\273\277a,b\n1,2\n' > c; pipe run -e 'io.tail: {path: c, from: start} | csv.parse | head: 2 | json.format' > out & while [ ! -s out ]; do sleep 0.02; done; mv c c.1; printf 'a,b\n3,4\n' > c; wait $!; cat out
> {"a":1,"b":2}
> {"a":3,"b":4}
# a name that is a link into another folder: what is written there, and what takes its place there or here
$ mkdir -p far farther; : > out; echo 1 > far/x; ln -s far/x link; pipe run -e 'io.tail: {path: link, from: start} | head: 5' > out & n() { while [ $(wc -l < out) -lt $1 ]; do sleep 0.02; done; }; n 1; echo 2 >> far/x; n 2; mv far/x far/x.1; echo 3 > far/x; n 3; echo 4 > farther/x; ln -sfn farther/x link; n 4; echo 5 >> farther/x; wait $!; cat out
> 1
> 2
> 3
> 4
> 5
# a folder that goes away, is replaced, or is a link that is changed
$ mkdir -p v/w; : > out; echo 1 > v/w/x; pipe run -e 'io.tail: {path: v/w/x, from: start} | head: 4' > out & n() { while [ $(wc -l < out) -lt $1 ]; do sleep 0.02; done; }; n 1; rm -r v; mkdir -p v/w; echo 2 > v/w/x; n 2; mv v/w v/w2; mkdir v/w; echo 3 > v/w/x; n 3; mv v v2; mkdir -p v/w; echo 4 > v/w/x; wait $!; cat out
> 1
> 2
> 3
> 4
$ mkdir -p k/1 k/2; : > out; echo 1 > k/1/x; echo 2 > k/2/x; ln -s 1 k/now; pipe run -e 'io.tail: {path: k/now/x, from: start} | head: 3' > out & n() { while [ $(wc -l < out) -lt $1 ]; do sleep 0.02; done; }; n 1; ln -s 2 k/next; mv -T k/next k/now; n 2; echo 3 >> k/2/x; wait $!; cat out
> 1
> 2
> 3
# a link that leads nowhere yet
$ : > out; ln -s not/yet/x hope; pipe run -e 'io.tail: {path: hope, from: start} | head: 1' > out & sleep 0.1; mkdir -p not/yet; echo 1 > not/yet/x; wait $!; cat out
> 1
# many files do not take memory each
$ mkdir many; for n in $(seq 300); do echo $n > many/$n; done; : > out; pipe run -e "io.tail: {path: [$(ls -d many/* | paste -sd,)], from: start}" > out & while [ $(wc -l < out) -lt 300 ]; do sleep 0.02; done; if ldd "$(command -v pipe)" | grep -qE 'lib[at]san'; then echo 30; else awk '/VmHWM/ { print $2 < 50000 ? 30 : $2 }' /proc/$!/status; fi; exec 2>/dev/null; kill $!; wait $!
> 30
exit 143
# what others write beside it holds up neither the file nor the end
$ : > out; echo 1 > u; exec 2>/dev/null; while :; do echo z; done > noise & n=$!; pipe run -e 'io.tail: {path: u, from: start}' > out & while [ $(wc -l < out) -lt 1 ]; do sleep 0.02; done; echo 2 >> u; while [ $(wc -l < out) -lt 2 ]; do sleep 0.02; done; kill -TERM $!; wait $!; echo $?; kill $n; cat out
> 143
> 1
> 2
