# io.read: several files, globs, compressed ones by their content, a missing newline between files
file a.txt
  one
  two
file b.txt
  three
\
file c.log
  four
$ pipe run -e 'io.read: [b.txt, a.txt]'
> three
> one
> two
$ pipe run -e 'io.read: "*.txt"'
> one
> two
> three
\
$ gzip -c a.txt > packed; gzip -c b.txt >> packed; pipe run -e 'io.read: packed' | tr '\n' +; echo
> one+two+three
$ zstd -q -c c.log > z; pipe run -e 'io.read: [z, c.log]'
> four
> four
$ cat a.txt | pipe run -e 'io.read: [b.txt, "-", c.log]'
> three
> one
> two
> four
# a name that looks like a glob but is there
$ cp c.log '[x]'; pipe run -e 'io.read: "[x]"'
> four
# who needs only the beginning of a large file has little of it read
$ seq 2000000 > large; pipe run --threads 2 --stats -e 'text.grep: 7 | head: 2' large 2>&1 | awk '/^[0-9]+$/ || /bytes read = / && $4 > 600000; /bytes to read/ {print $5}'
> 7
> 17
> 14888896
# a whole file is written as it is, with a line end behind it or none
$ printf 'a\0b\n\nc' > odd; pipe run -e 'io.read: {path: odd, framing: none}' | cmp - odd; pipe run -e 'io.stdin: {framing: none} | text.grep: c' < odd | cmp - odd; pipe run -e 'io.read: {path: odd, framing: none} | io.write: out'; cmp odd out; pipe run -e 'io.read: {path: a.txt, framing: none}' | cmp - a.txt
$ printf x > x; pipe run -e 'io.read: {path: [x, x], framing: none}' | od -An -c
>    x  \n   x
