# to integers, floats, text, booleans; null and missing stay
$ pipe run -e 'json.parse | fields.cast: {i: int, f: float, t: text, b: bool}'
< {"i":" 007 ","f":"+1.5","t":12.50,"b":"Yes"}
< {"i":3.9,"f":2,"t":{"x":1},"b":0}
< {"i":true,"f":"1e3","t":false,"b":"off"}
< {"i":null,"t":null}
< {"i":-3.9,"f":".5","t":"x","b":0.1}
> {"i":7,"f":1.5,"t":"12.50","b":true}
> {"i":3,"f":2,"t":"{\"x\":1}","b":false}
> {"i":1,"f":1000,"t":"false","b":false}
> {"i":null,"t":null}
> {"i":-3,"f":0.5,"t":"x","b":true}
$ pipe run -e 'csv.parse | fields.cast: {id: text} | where: id == "7" | json.format'
< id,n
< 7,1
> {"id":"7","n":1}
# a value that cannot be turned is an error of its record alone
$ pipe run -e '{json.parse: {}} | {fields.cast: {n: int}, on_error: skip}'
< {"n":"1"}
< {"n":"0x1F"}
< {"n":"nan"}
< {"n":""}
< {"n":1e300}
< {"n":[1]}
< {"n":"9223372036854775807"}
> {"n":1}
> {"n":9223372036854775807}
! …the field 'n' is no whole number of 64 bits: '0x1F'…
! …
! …
! …1e300…
! …[1]…
exit 0
$ pipe run -e '{json.parse: {}} | fields.cast: {b: bool}'
< {"b":"maybe"}
! …the field 'b' is no true or false: 'maybe'…
exit 1
$ pipe run -e 'fields.cast: {n: number}'
! …takes int, float, text or bool, not 'number'
! …
! …
exit 2
# a field that no stage before can make is told of
$ pipe check -e 'text.regex: (?<size>\d+) | fields.cast: {sise: int} | fields.rename: {siz: x}'
! -e:1:42: error: no stage before stage 'fields.cast' makes a field 'sise'
! 1 | text.regex: (?<size>\d+) | fields.cast: {sise: int} | fields.rename: {siz: x}
!   |                                          ^^^^ did you mean 'size'?
! …error: no stage before stage 'fields.rename' makes a field 'siz'
! …
! …did you mean 'size'?
exit 2
$ pipe check -e 'text.regex: (?<size>\d+) | fields.rename: {siz: x}'
! …no stage before stage 'fields.rename' makes a field 'siz'
! …
! …did you mean 'size'?
exit 2
# fields that records lack are counted
$ pipe run --stats -e 'json.parse | fields.cast: {a: int, b: text}' 2>&1 | grep -o 'missing fields.*'
< {"a":1}
< {"c":1}
< {"a":2,"b":3}
> missing fields = 3
