# tables with tabs: csv.parse and csv.format with \t, however it is written
file y.yaml
  stages:
    - io.read: t
    - csv.parse:
        separator: "\t"
    - csv.format: {separator: '\t'}
$ printf 'host\tms\n"a b"\t12\nc\t"7\t8"\n' >t; for s in 'csv.parse: \t' 'csv.parse: {separator: \t}' "csv.parse: {separator: '\t'}" 'csv.parse: "\t"'; do pipe run -e "$s | json.format" t; done | sort | uniq -c | tr -s ' '
>  4 {"host":"a b","ms":12}
>  4 {"host":"c","ms":"7\t8"}
$ pipe run y.yaml | tr '\t' '>'
> host>ms
> a b>12
> c>"7>8"
$ pipe run -e 'csv.parse | csv.format: {separator: \t}'
< a,b
< "x,y",1
> a	b
> x,y	1
# a byte order mark, CRLF, an empty field, a ragged record
$ printf '\357\273\277a\tb\r\n1\t\r\n2\r\n' | pipe run -e 'csv.parse: \t | json.format'
> {"a":1,"b":""}
! …record 2: line 3: 1 field where the header has 2…
exit 1
