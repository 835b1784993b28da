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
! …cannot read 'cut.gz': the gzip data ends too early; the file is cut off
