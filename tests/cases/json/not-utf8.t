# bytes that are not UTF-8 pass through unharmed; strict refuses them
$ printf '{"a":"x\377y","b":1}\n' | pipe run -e 'json.parse | where: b == 1' | od -An -c | tr -d ' \n'
> {"a":"x377y","b":1}\n
\
$ printf '{"a":"x\377y"}\n' | pipe run -e 'json.parse | text.format: "{a}"' | od -An -c | tr -d ' \n'
> x377y\n
\
$ printf '{"a":"x\377y"}\n' | pipe run -e 'json.parse: {strict: true}'
! …byte 8 is not UTF-8…
exit 1
