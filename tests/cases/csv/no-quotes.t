# quotes: false: a quote is a byte like any other, as in the TSV of databases
$ printf 'id\ttitle\tyear\n1\t"Rome" by night\t1953\n2\tThe "x\t1960\n3\t"\t7\n4\t"a""b"\t8\n' >t; pipe run -e 'csv.parse: {separator: \t, quotes: false} | json.format' t
> {"id":1,"title":"\"Rome\" by night","year":1953}
> {"id":2,"title":"The \"x","year":1960}
> {"id":3,"title":"\"","year":7}
> {"id":4,"title":"\"a\"\"b\"","year":8}
# records that pass keep their bytes; what is written as CSV is quoted where CSV needs it
$ pipe run -e 'csv.parse: {separator: \t, quotes: false} | where: id != 2' t | od -An -c | tr -s ' \n' ' '; echo; pipe run -e 'csv.parse: {separator: \t, quotes: false} | csv.format: {separator: \t}' t | tr '\t' '>'
>  1 \t " R o m e " b y n i g h t \t 1 9 5 3 \n 3 \t " \t 7 \n 4 \t " a " " b " \t 8 \n 
> id>title>year
> 1>"""Rome"" by night">1953
> 2>"The ""x">1960
> 3>"""">7
> 4>"""a""""b""">8
# fields as awk cuts them, in batches of any size and from a pipe
$ seq 3000 | awk '{ print $1 "\t" ($1 % 3 ? "" : "\"") "x" ($1 % 5 ? "" : "\"") "\t" ($1 % 7 ? "y" : "\"\"") }' >many; awk -F'\t' '{ print $3 "|" $2 "|" $1 }' many >expected
$ for size in 1 7 4096; do cat many | pipe run -e "csv.parse: {separator: \t, quotes: false, header: false} | text.format: '{c3}|{c2}|{c1}' | flow.batch: $size" | cmp - expected; done; pipe run -e "{io.stdin: , batch: {records: 3}} | csv.parse: {separator: \t, quotes: false, header: false} | text.format: '{c3}|{c2}|{c1}'" <many | cmp - expected
# header, mark, CRLF, empty lines, ragged records as ever
$ printf '\357\273\277"a\tb"\r\n1\t"\r\n\r\n2\r\n' | pipe run -e 'csv.parse: {separator: \t, quotes: false, ragged: fill} | json.format'
> {"\"a":1,"b\"":"\""}
> {"\"a":2}
$ printf 'a\tb\n1\t"x\n2\n' | pipe run -e 'csv.parse: {separator: \t, quotes: false} | json.format'
> {"a":1,"b":"\"x"}
! …line 3: 1 field where the header has 2…
exit 1
# whoever meets such a field without it is told
$ pipe run -e 'csv.parse: \t | json.format' t
! …'t': record 1: line 2: a quoted field goes on behind its closing quote (where quotes are text: `quotes: false`)…
exit 1
$ printf 'a\t"b\n1\t2\n' | pipe run -e 'csv.parse: \t | json.format'
! …line 1: the header has a quoted field that is not closed (where quotes are text: `quotes: false`)…
exit 1
$ (echo a; echo '"b'; seq 9999) | pipe run -e 'csv.parse: {max_record: 1KiB}'
! …line 2: the record is longer than 1KiB: a quoted field is not closed (where quotes are text: `quotes: false`); max_record sets the limit…
exit 1
# the file of fields.join
$ printf 'id\n1\n3\n' | pipe run -e 'csv.parse | fields.join: {file: t, format: tsv, on: id, quotes: false} | json.format'
> {"id":1,"title":"\"Rome\" by night","year":1953}
> {"id":3,"title":"\"","year":7}
$ echo 1 | pipe run -e 'text.fields: [id] | fields.join: {file: t, format: tsv, on: id}'
! …'t', line 2: a quoted field goes on behind its closing quote (where quotes are text: `quotes: false`)…
exit 1
