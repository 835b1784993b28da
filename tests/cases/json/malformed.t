# a malformed record fails the run: what was complete before it is written, the message says where and why
$ pipe run -e 'json.parse'
< {"a":1}
< {"a":}
< {"a":3}
> {"a":1}
! …malformed JSON at byte 6: expected a value, at `{"a":}`…
exit 1
$ pipe run -e '{use: json.parse, on_error: skip}'
< {"a":1}
< {"a":1
< {"a":1}}
< {"a":1} {"b":2}
< {"a":"x
< {'a':1}
< {"a":1,}
< {"a":{"b":}}
< {"a":01}
< {"a":"\q"}
< {"a":truth}
< {"a" 1}
< not json
< {"a":2}
> {"a":1}
> {"a":2}
