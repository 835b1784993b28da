# a fault of a record names its file and its number there, whatever was read before
$ seq 3 | sed 's/.*/{"a":&}/' >good; (cat good; echo '{"a":1,}'; cat good) >bad; pipe run -e 'io.read: [good, bad] | json.parse | where: a > 0'
> {"a":1}
> {"a":2}
> {"a":3}
> {"a":1}
> {"a":2}
> {"a":3}
! pipe: error: -e:1:24: stage 'json.parse': 'bad': record 4: malformed JSON at byte 8: expected a key in double quotes in: {"a":1,}
exit 1
$ pipe run -e 'io.read: [good, bad, bad] | {use: json.parse, on_error: skip} | agg.count'
> {"count":15}
! …stage 'json.parse': 'bad': record 4: malformed JSON at byte 8: … (skipped)
! …stage 'json.parse': 'bad': record 4: malformed JSON at byte 8: … (skipped)
exit 0
# large files too, which the workers read, and compressed ones
$ (seq 300000; echo x; seq 9) >large; gzip -k large; pipe run -e 'io.read: [good, large] | {text.regex: "^(?P<n>[0-9]+)$", on_error: skip} | agg.count'
> {"count":300009}
! …stage 'text.regex': 'good': record 1: … in: {"a":1} (skipped)
! …'good': record 2: …
! …'good': record 3: …
! …stage 'text.regex': 'large': record 300001: … in: x (skipped)
exit 0
$ pipe run -e 'io.read: large.gz | text.regex: "^(?P<n>[0-9]+)$" ' | tail -n 1
> 300000
! …stage 'text.regex': 'large.gz': record 300001: the pattern does not match 'x' in: x
# behind a stage that leaves records out the number is not that of the file
$ pipe run -e 'io.read: bad | {text.grep: "2|,", fuse: false} | json.parse'
> {"a":2}
! …stage 'json.parse': 'bad': record 2 of those that came here: malformed …
exit 1
$ printf '{"a":2}\n~\n{"a":1}\n' >mixed; pipe run -e 'io.read: mixed | sort | json.parse'
> {"a":1}
> {"a":2}
! …stage 'json.parse': 'mixed': record 3 of those that came here: malformed …
exit 1
# no file, no name
$ pipe run -e 'json.parse' <bad >out
! pipe: error: -e:1:1: stage 'json.parse': record 4: malformed JSON at byte 8: …
exit 1
# csv: the file that a record began in, be it that its end was never found; a bad header
$ printf 'a,b\n1,2\n3\n' >ragged; printf 'a,b\n1,2\n"3,4\n' >open; printf 'a,"b\n' >header; pipe run -e 'io.read: [open, ragged] | {use: csv.parse, on_error: skip} | json.format'
> {"a":1,"b":2}
> {"a":1,"b":2}
! …stage 'csv.parse': 'open': … line 3: a quoted field is not closed (where quotes are text: `quotes: false`) in: "3,4 (skipped)
! …stage 'csv.parse': 'ragged': … line 3: 1 field where the header has 2 in: 3 (skipped)
$ pipe run -e 'io.read: [ragged] | csv.parse | json.format'
> {"a":1,"b":2}
! …stage 'csv.parse': 'ragged': record 2: line 3: 1 field where the header has 2 in: 3
exit 1
$ pipe run -e 'io.read: header | csv.parse | json.format'; pipe run -e 'io.read: [header, ragged] | csv.parse | json.format'
! …stage 'csv.parse': 'header': record 1: line 1: the header has a quoted field that is not closed (where quotes are text: `quotes: false`) in: a,"b
! …stage 'csv.parse': 'header': record 1: line 1: the header has a quoted field that is not closed (where quotes are text: `quotes: false`) in: a,"b
exit 1
$ printf 'x,y\n5,6\n' >good; pipe run -e 'io.read: [good, header, open] | {use: csv.parse, on_error: skip} | json.format'
> {"x":5,"y":6}
> {"a":1,"b":2}
! …stage 'csv.parse': 'header': record 1: line 1: the header has a quoted field that is not closed (where quotes are text: `quotes: false`) in: a,"b (skipped)
! …stage 'csv.parse': 'open': … line 3: a quoted field is not closed (where quotes are text: `quotes: false`) in: "3,4 (skipped)
exit 0
$ printf 'a"b,c\n"a"b,c\n' >behind; printf '"a"b,c\n1,2\n' >behind2; pipe run -e 'io.read: [good, behind2] | csv.parse | json.format'
> {"x":5,"y":6}
! …stage 'csv.parse': 'behind2': line 1: the header has a quoted field that goes on behind its closing quote (where quotes are text: `quotes: false`)
exit 1
