# quotes, doubled quotes, separators and newlines within quotes, CRLF
$ printf 'name,age\r\n"Lee, Bob",39\r\n"O""Hara",63\r\n"two\nlines",7\r\n5" pipe,8\r\n' | pipe run -e 'csv.parse | json.format'
> {"name":"Lee, Bob","age":39}
> {"name":"O\"Hara","age":63}
> {"name":"two\nlines","age":7}
> {"name":"5\" pipe","age":8}
$ printf 'a,b\n1,"x\ny\n\nz"\n2,"q"\n' | pipe run -e 'csv.parse | where: a == 1'
> 1,"x
> y
>
> z"
$ printf 'a\tb\n1\tx y\n' | pipe run -e 'csv.parse: \t | json.format'
> {"a":1,"b":"x y"}
# a newline that is missing behind the last record stays missing, also where that record has several lines
$ printf 'a,b\n1,"x\ny"' | pipe run -e 'csv.parse' | od -An -c | tr -s ' '
>  1 , " x \n y "
$ printf 'a,b\n1,"x\n\ny"\n' | pipe run -e 'csv.parse' | od -An -c | tr -s ' '
>  1 , " x \n \n y " \n
# a record of several lines keeps the fields that its first one had, whichever lines share a batch
$ printf 'a,b\n1,"l1\nl2 l2\nl3"\n2,3\n' > several.csv; for n in 1 2 3 100; do pipe run -e "text.fields: [k] | flow.batch: $n | csv.parse | json.format" several.csv; done | sort | uniq -c | sed 's/^ *//'
> 4 {"k":"1,\"l1","a":1,"b":"l1\nl2 l2\nl3"}
> 4 {"k":"2,3","a":2,"b":3}
