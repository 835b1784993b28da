# a value as the record: text plain, numbers as read, JSON as it stands; what is missing
$ pipe run -e 'json.parse | json.get: a.b'
< {"a":{"b":"x \"y\"\n\u00e9"}}
< {"a":{"b":1.50}}
< {"a":{"b":[1, 2]}}
< {"a":{"b":true}}
< {"a":{"b":null}}
< {"a":1}
> x "y"
> é
> 1.50
> [1, 2]
> true
> null
> null
$ pipe run -e '{json.get: a, missing: skip}'
! …
exit 2
$ pipe run -e 'json.parse | json.get: {path: a, missing: skip}'
< {"b":1}
< {"a":2}
> 2
$ pipe run -e 'json.parse | {json.get: {path: a, missing: fail}, on_error: skip}'
< {"b":1}
< {"a":2}
> 2
! …the record has no a…
exit 0
# an object's members are fields, beside other values too
$ pipe run -e 'json.parse | json.get: a | map: {c: b}'
< {"a":{"b":1}}
< {"a":7}
< {"a":{"x":1},"b":9}
> {"b":1,"c":1}
> {"c":null}
> {"x":1,"c":null}
$ pipe run -e 'json.parse | json.get: items[1] | json.get: n'
< {"items":[{"n":1},{"n":2}]}
> 2
# as a field
$ pipe run -e 'json.parse | json.get: {path: a.b, as: v} | where: v > 1'
< {"a":{"b":1}}
< {"a":{"b":2}}
> {"a":{"b":2}}
$ pipe run -e 'json.parse | json.get: {path: a.b, as: v, missing: skip} | text.format: "{v}"'
< {"a":{"b":1}}
< {"a":{}}
< {"a":{"b":2}}
> 1
> 2
# on real data, the same as a regular expression finds
$ pipe run -e 'json.parse | json.get: {path: query, missing: skip}' examples/data/dns.ndjson > mine
$ sed -n 's/.*"query":"\([^"]*\)".*/\1/p' examples/data/dns.ndjson | cmp - mine
