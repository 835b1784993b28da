# empty lines, blanks around the object, CRLF
$ printf '{"a":1}\n\n  \n {"a":2} \r\n\r\n{"a":3}\n' | pipe run -e 'json.parse | where: a > 1 | csv.format: [a]'
> a
> 2
> 3
$ printf '\357\273\277{"a":1}\n' | pipe run -e 'json.parse | where: a == 1'
> {"a":1}
