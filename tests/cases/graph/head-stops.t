# head ends the run at once, however much its source would give, and that is success
$ pipe run -e 'io.generate: 1000000000000 | head: 2'
> 1
> 2
exit 0
$ yes | pipe run -e 'text.grep: y | head: 1'
> y
exit 0
$ pipe run -e 'io.generate: 1000000000000' | head -n 1
> 1
exit 0
# of a large file hardly more than the records that it needs is read, though the stages between would take in 256 KiB and more
$ pipe run -e 'io.generate: 1000000 | io.write: numbers.txt'
$ pipe run --threads 1 --stats -e 'text.grep: 7 | text.replace: {pattern: 7, with: seven} | head: 1' numbers.txt 2>stats; awk '$1 $2 == "bytesread" {print ($4 <= 131072 ? "little" : $4)}' stats
> seven
> little
# a fiber that a stage starts when nobody reads any more is cancelled before it has begun: its first wait ends at once
$ pipe run -e 'io.generate: 1000000000 | probe.late | head: 1'
> 1
exit 0
