# io.read: every path is looked at before anything runs, all faults are told at once
file there
  x
$ pipe run -e 'io.read: [there, missing, "*.gz", .]'
! …error: …cannot read 'missing': No such file or directory
! …
! …error: …no file matches '*.gz'
! …
! …error: …cannot read '.': it is a folder…
! …
exit 2
$ : > locked; chmod 0 locked; if [ "$(id -u)" = 0 ]; then echo "! cannot read 'locked': Permission denied"; else pipe run -e 'io.read: locked' 2>&1 | grep -o "cannot read .*" | sed 's/^/! /'; fi
> ! cannot read 'locked': Permission denied
# what is damaged is told when it is met, and what came before is written
$ seq 200000 | gzip > whole.gz; head -c 200000 whole.gz > cut.gz; pipe run -e 'io.read: cut.gz' > out; echo "exit $?"; head -1 out; test $(wc -l < out) -gt 1000 && echo many
> exit 1
> 1
> many
! …cannot read 'cut.gz' on from byte … of its text, behind record …: the gzip data ends too early; the file is cut off
$ for e in zst xz; do seq 200000 | pipe run -e "io.write: whole.$e"; head -c $(($(wc -c <whole.$e) / 2)) whole.$e >cut.$e; pipe run -e "io.read: cut.$e" >out; echo "exit $?"; seq 200000 | cmp out - 2>&1 | cut -c1-10; done; test $(wc -l <out) -gt 1000 && echo many
> exit 1
> cmp: EOF o
> exit 1
> cmp: EOF o
> many
! …cannot read 'cut.zst' on from byte … of its text, behind record …: the zstd data ends too early; the file is cut off…
! …cannot read 'cut.xz' on from byte … of its text, behind record …: the xz data ends too early; the file is cut off…
# a small file that becomes a line without end is given up as soon as the line is too long
$ head -c 60000000 /dev/zero | gzip -1 >bomb.gz; (echo first; cat) </dev/null | gzip >two.gz; cat bomb.gz >>two.gz; for framing in lines none; do pipe run -e "io.read: {path: two.gz, framing: $framing, max_record: 1MiB} | text.format: 'a {}' | text.grep: {pattern: first, invert: true} | agg.count"; done
> {"count":0}
> {"count":0}
! …stage 'io.read': 'two.gz': record …: the record that begins at byte 6 is longer than 1MiB; …
! …stage 'io.read': 'two.gz': record …: the record that begins at byte 0 is longer than 1MiB; …
exit 1
# a folder on standard input
$ mkdir folder; pipe run -e 'text.grep: x' <folder
! …cannot read standard input: Is a directory
exit 1
# with on_error: skip what is left of a damaged file is passed over, told and counted, and the next file is read
$ for e in gz zst xz; do printf '1\n2\n' | pipe run -e "io.write: short.$e"; head -c -3 short.$e >bad.$e; done; echo next >next; pipe run -e '{use: io.read, with: {path: [cut.gz, next]}, on_error: skip} | tail: 1'; pipe run -e '{use: io.read, with: {path: [bad.gz, next, bad.zst, bad.xz]}, on_error: skip}' 2>/dev/null | grep next
> next
> next
! …warning: …cannot read 'cut.gz' on from byte … of its text, behind record …: the gzip data ends too early; the file is cut off; the rest of it is passed over (skipped)
# UTF-16 is read as bytes, and told
$ printf '\377\376{\000"\000a\000"\000:\0001\000}\000\n\000' >wide; pipe run -e 'json.parse' wide; printf '\376\377\000a\000\n' | pipe run -e 'text.grep: b'; yes 'ab' | head -300000 | iconv -f UTF-8 -t UTF-16 >large; pipe run -e 'text.grep: ab' large
! …warning: stage 'io.read': 'wide' begins like text in UTF-16, which is read as bytes here; iconv -f UTF-16 -t UTF-8 makes UTF-8 of it
! …error: …'wide': record 1: malformed JSON…
! …warning: stage 'io.stdin': standard input begins like text in UTF-16…
! …warning: stage 'io.read': 'large' begins like text in UTF-16…
# … as is UTF-32, whose mark begins as that of UTF-16 does
$ printf 'ab\n' | iconv -f UTF-8 -t UTF-32 >wider; pipe run -e 'text.grep: ab' wider; printf '\0\0\376\377\0\0\0a' | pipe run -e 'text.grep: b'
! …warning: stage 'io.read': 'wider' begins like text in UTF-32, which is read as bytes here; iconv -f UTF-32 -t UTF-8 makes UTF-8 of it
! …warning: stage 'io.stdin': standard input begins like text in UTF-32…
# what stands in front of the damage is read, in a small file too
$ seq 3 | gzip >sum.gz; size=$(wc -c <sum.gz); (head -c $((size - 8)) sum.gz; printf '\000\000\000\000'; tail -c 4 sum.gz) >wrong.gz; pipe run -e 'io.read: wrong.gz'
> 1
> 2
> 3
! …cannot read 'wrong.gz' on from byte 6 of its text, behind record 3: the gzip data is damaged: its checksum is wrong
exit 1
# … and in a zstd frame of many blocks, whose sum is wrong
$ seq 200000 | zstd -q --check >sum.zst; size=$(wc -c <sum.zst); (head -c $((size - 4)) sum.zst; printf '\000\000\000\000') >wrong.zst; pipe run -e 'io.read: wrong.zst' | tail -n 1
> 200000
! …cannot read 'wrong.zst' on from byte 1288895 of its text, behind record 200000: the zstd data is damaged: …
# what is compressed by something else is told, with the program that reads it; its bytes can be had
$ printf 'BZh91AY&SY\001\002' >a.bz2; printf '\004"M\030\001' >a.lz4; for f in a.bz2 a.lz4; do pipe run -e "io.read: $f"; pipe run -e "io.read: {path: $f, framing: none}" | cmp -n 5 - $f; done; cat a.bz2 | pipe run -e 'io.read: "-"'; pipe run -e '{io.read: [a.bz2, a.bz2], on_error: skip}'
! …cannot read 'a.bz2': it is compressed by bzip2; bzip2 -dc 'a.bz2' | pipe run … reads its text
! …cannot read 'a.lz4': it is compressed by lz4; lz4 -dc 'a.lz4' | pipe run … reads its text
! …cannot read standard input: it is compressed by bzip2; bzip2 -dc FILE | pipe run … reads its text
! …'a.bz2' | pipe run … reads its text; it is passed over (skipped)
! …
# … a text that merely begins like it is one
$ (printf BZh1; seq 3) | pipe run -e 'io.read: "-"'; printf 'PK' | pipe run -e 'io.read: "-"'
> BZh11
> 2
> 3
> PK
\
# streams that follow each other are read on, padded or not; anything else behind them is told as what it is
$ seq 3 | pipe run -e 'io.write: 3.xz'; (cat 3.xz; printf '\000\000\000\000'; cat 3.xz; printf '\000\000\000\000') >six.xz; pipe run -e 'io.read: six.xz | count'; (cat 3.xz; echo rest) >rest.xz; pipe run -e 'io.read: rest.xz | tail: 1'
> {"count":6}
> 3
! …cannot read 'rest.xz' on from byte 6 of its text, behind record 3: the xz data is followed by something else
exit 1
$ (printf 'P*M\030\003\000\000\000abc'; seq 3 | zstd -q; printf 'P*M\030\003\000\000\000abc'; seq 3 | zstd -q) >skipped.zst; pipe run -e 'io.read: skipped.zst | count'; (seq 3 | zstd -q; echo rest) >rest.zst; pipe run -e 'io.read: rest.zst | tail: 1'
> {"count":6}
> 3
! …cannot read 'rest.zst' on from byte 6 of its text, behind record 3: the zstd data is followed by something else
exit 1
# a window of more than 128 MiB (zstd --long=28 and more) is no damage
$ seq 3 | zstd -q --long=28 >wide.zst; pipe run -e 'io.read: wide.zst'
! …cannot read 'wide.zst' on from byte 0 of its text, behind record 0: the zstd data needs more than 128 MiB of memory to be read
exit 1
# a file that is gone when its turn comes stops the run, and is passed over with on_error: skip
$ seq 3 >three; for say in fail skip; do mkfifo gate; cp three gone; cp three gone.1; (pipe run -e "{io.read: [gate, gone, 'gone.*', /proc/self/mem, three], on_error: $say} | text.format: '$say {}'"; echo "$say exit $?") & exec 5>gate; rm gone; echo go >&5; exec 5>&-; wait; rm gate; done
> fail go
> fail exit 1
> skip go
> skip 1
> skip 2
> skip 3
> skip 1
> skip 2
> skip 3
> skip exit 0
! …error: …cannot read 'gone': No such file or directory
! …warning: …cannot read 'gone': No such file or directory; it is passed over (skipped)
! …warning: …cannot read '/proc/self/mem': Input/output error; it is passed over (skipped)
