# quotes only where needed; the columns of the first record; a later field outside them is an error
$ pipe run -e 'json.parse | csv.format'
< {"a":"x,y","b":"say \"hi\""}
< {"b":2}
> a,b
> "x,y","say ""hi"""
> ,2
$ pipe run -e 'json.parse | csv.format'
< {"a":1}
< {"a":2,"b":3}
> a
> 1
! …the field 'b' is not among the columns of the first record (a); name all of them with `columns`…
exit 1
$ pipe run -e 'json.parse | csv.format: {columns: [b, a], separator: ";", header: false}'
< {"a":1,"c":0}
> ;1
$ pipe run -e 'csv.parse | csv.format: [a]'
> a
$ pipe run -e 'csv.format'
< plain
! …the first record has no fields to make columns of…
exit 1
# a header that is known is written though no record comes
$ printf 'b,a,c\n1,2,3\n' >t.csv; pipe run -e 'csv.parse | where: a > 5 | csv.format' t.csv
> b,a,c
$ printf 'b,a,c\n' | pipe run -e 'csv.parse | map: {d: a + 1, a: 0} | fields.rename: {b: x} | sort: a | fields.drop: c | csv.format'
> x,a,d
$ printf 'b,a,c\n1,2,3\n' | pipe run -e 'csv.parse | map: {d: a + 1, a: 0} | fields.rename: {b: x} | sort: a | fields.drop: c | csv.format'
> x,a,d
> 1,0,3
$ printf 'b,a,c\n' | pipe run -e 'csv.parse | group: {by: [c, a], count: n, sum: {s: b}} | csv.format'
> c,a,n,s
$ printf 'none\n' | pipe run -e "text.regex: {pattern: '(?<q>\\d) (?<p>\\d)', unmatched: skip} | csv.format"
> q,p
$ printf '' | pipe run -e 'csv.parse | csv.format'
$ printf '' | pipe run -e 'json.parse | csv.format'
$ printf 'a\n1\n' | pipe run -e 'csv.parse | head: 0 | csv.format'
# … but not where a stage failed before any came
$ printf 'a,b\n1\n' | pipe run -e 'csv.parse | csv.format'
! …
exit 1
# a record's number counts records, not the header
$ printf 'a\n1\nx\n' | pipe run -e 'csv.parse | fields.cast: {a: int} | json.format'
> {"a":1}
! …: record 2: …
exit 1
$ printf '{"a":1}\n{"a":2,"b":3}\n' | pipe run -e 'json.parse | csv.format'
> a
> 1
! …: record 2: the field 'b' …
exit 1
# … also where ways part and meet again so often that they could not all be gone
$ { echo stages:; echo '  - {id: s0, use: csv.parse}'; for i in $(seq 32); do for w in a b; do echo "  - {id: $w$i, use: where, with: {condition: a > 1}, from: s$((i - 1))}"; done; echo "  - {id: s$i, use: fields.cast, with: {a: int}, from: [a$i, b$i]}"; done; echo '  - csv.format'; } >ways.yaml; echo b,a | pipe run ways.yaml 2>/dev/null
> b,a
# … and where so many stages follow each other that no stack would bear a call for each
$ { echo stages:; echo '  - csv.parse'; for i in $(seq 3000); do echo '  - where: a > 1'; done; echo '  - csv.format'; } >long.yaml; echo b,a | pipe run long.yaml
> b,a
# rows that were chosen stay chosen behind the header, which takes memory of its own
$ printf 'b,k\nr1,no\nr2,no\nr3,5\nr4,no\nr5,no\nr6,1\nr7,2\nr8,3\nr9,no\nr10,4\n' | pipe run --log-level error -e '{csv.parse: {}, batch: {records: 8}} | {fields.cast: {k: int}, on_error: skip} | csv.format: [b]' | paste -sd' '
> b r3 r6 r7 r8 r10
# a separator where the columns stand
$ pipe run -e 'csv.format: \t'
! -e:1:13: error: the option 'columns' names fields; what stands between them is `separator`: csv.format: {separator: '\t'}
! 1 | csv.format: \t
!   |             ^^
exit 2
$ pipe run -e 'csv.format: ;'
! -e:1:13: error: the option 'columns' names fields; what stands between them is `separator`: csv.format: {separator: ';'}
! 1 | csv.format: ;
!   |             ^
exit 2
# without quotes: what would need some is an error of its record
$ pipe run -e 'json.parse | {csv.format: {separator: \t, quotes: false}, on_error: skip}'
< {"a":"x \"y\"","b":"1,2"}
< {"a":"p\tq","b":1}
< {"a":"p","b":"q\nr"}
< {"a":"","b":"\"z"}
> a	b
> x "y"	1,2
> 	"z
! pipe: warning: stage 'csv.format': record 2: the field 'a' has the separator or a line end in it, which are not written without quotes in: {"a":"p\tq","b":1} (skipped)
! pipe: warning: stage 'csv.format': record 3: the field 'b' has the separator or a line end in it, which are not written without quotes in: {"a":"p","b":"q\nr"} (skipped)
$ pipe run -e 'json.parse | csv.format: {columns: [a], quotes: false}' | od -An -c
< {"a":""}
< {"a":"b"}
>    a  \n  \n   b  \n
$ pipe run -e 'json.parse | csv.format: {quotes: false}'
< {"a,b":1}
! pipe: error: -e:1:14: stage 'csv.format': the name 'a,b' of a field has the separator or a line end in it, which are not written without quotes
exit 1
$ pipe run -e 'csv.format: {columns: ["a,b"], quotes: false}'
! -e:1:24: error: the name 'a,b' of a field has the separator or a line end in it, which are not written without quotes
! 1 | csv.format: {columns: ["a,b"], quotes: false}
!   |                        ^^^^^
exit 2
$ printf 'a\tb\n"x\ty"z\n' > dump.tsv; pipe run -e 'csv.parse: {separator: \t, quotes: false} | csv.format: {separator: \t, quotes: false}' dump.tsv | cmp - dump.tsv
