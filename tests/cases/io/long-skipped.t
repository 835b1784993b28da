# max_record: what is longer is an error of that record, so that on_error may skip it; from a file, a pipe, with other framings
file g.yaml
  stages:
    - io.read: {path: '${1}', max_record: 5, framing: '${2:-lines}'}
      on_error: skip
    - text.format: '<{}>'
$ printf 'a\n123456\nb\n1234567890\n12345\nc' >data; pipe run g.yaml data
> <a>
> <b>
> <12345>
> <c>
! …stage 'io.read': 'data': record 2: the record that begins at byte 2 is longer than 5 bytes; … (skipped)
! …stage 'io.read': 'data': record …: the record that begins at byte 11 is longer than 5 bytes; … (skipped)
exit 0
$ pipe run g.yaml - <data 2>&1 >out | wc -l; cat out
> 2
> <a>
> <b>
> <12345>
> <c>
exit 0
$ tr '\n' '\0' <data >nul; pipe run --log-level error g.yaml nul nul
> <a>
> <b>
> <12345>
> <c>
exit 0
# a large file too, which is read by the workers where nothing may be skipped
$ (seq 100000 200000; echo 1234567; seq 100000 200000) | sed 's/^.//' >large; pipe run --log-level error g.yaml large | wc -l
> 200002
exit 0
