# what a text lacks is found where the record had it before, whatever the texts of other records have
$ pipe run -e "json.parse | text.regex: '(?<q>[0-9])' | json.parse | text.format: '{q} {a} {b}'"
< {"b":3}
< {"q":5,"b":2}
< {"a":4}
> 3  3
> 5  2
> 4 4 
# a path into one record is no field of that name, though another one has such a field
$ pipe run -e "json.parse | text.format: '{k}' | fields.keep: [b.c, b] | {use: json.parse, on_error: skip}"
< {"k":1,"b":{"c":2}}
< {"k":2,"b.c":3}
> {"b":{"c":2}}
> {"b.c":3}
$ pipe run -e "json.parse | where: b.c > 0 | sort: k | text.format: '{k}' | fields.keep: [b.c, b]"
< {"k":2,"b.c":3}
< {"k":1,"b":{"c":2}}
> {"b":{"c":2}}
> {"b.c":3}
