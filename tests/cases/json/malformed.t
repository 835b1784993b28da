# a malformed record fails the run: what was complete before it is written, the message says where and why
$ pipe run -e 'json.parse'
< {"a":1}
< {"a":}
< {"a":3}
> {"a":1}
! …malformed JSON at byte 6: expected a value…
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
! …byte 7: the text ends where ',' or '}' should come…
! …byte 8: more text behind the value…
! …byte 9: more text behind the value…
! …byte 6: a string that is not closed…
! …byte 2: expected a key in double quotes…
! …byte 8: expected a key in double quotes…
! …byte 11: expected a value…
! …byte 6: '01' is no JSON number…
! …byte 7: an unknown escape in a string…
! …byte 6: 'truth' is no JSON value; text stands in double quotes…
! …
exit 0
# JSON that somebody has laid out over several lines is told how to be read
$ printf '{\n  "a": 1\n}\n' >pretty; printf '[{"a":1},\n{"a":2}]\n' >array; for f in pretty array; do pipe run -e 'json.parse' $f; done; pipe run -e 'io.read: {path: pretty, framing: none} | json.parse | json.format: [a]'
> {"a":1}
! …byte 2: the text ends where a key in double quotes should come (of JSON in several lines, io.read's `framing: none` makes one record) in: {
! …byte 10: the text ends where a value should come (of JSON in several lines, io.read's `framing: none` makes one record) in: [{"a":1},
# more behind a value than a reader that looks for the next comma would see
$ pipe run -e 'json.parse'
< {"":"":""""""""""""""],"":[],"":false}
! pipe: error: -e:1:1: stage 'json.parse': record 1: malformed JSON at byte 7: expected ',' or '}' in: {"":"":""""""""""""""],"":[],"":false}
exit 1
# a byte order mark begins a file; before any other record it is a fault
$ printf '\357\273\277{"a":1}\n{"a":2}\n' >m1; printf '\357\273\277{"a":3}\n\357\273\277{"a":4}\n' >m2; pipe run -e 'json.parse | map: {b: a}' m1 m2
> {"a":1,"b":1}
> {"a":2,"b":2}
> {"a":3,"b":3}
! …malformed JSON at byte 1…
exit 1
$ pipe run -e 'json.parse | map: {b: a}' <m1
> {"a":1,"b":1}
> {"a":2,"b":2}
$ pipe run -e 'text.grep: a | {json.parse: {}, grain: 1} | where: a > 0' m1
> {"a":1}
> {"a":2}
$ pipe run -e '{use: io.read, with: {path: [m1, m1], framing: none}} | text.replace: {pattern: "\n.*", with: ""} | json.parse | map: {b: a}'; printf '\357\273\277{"a":5}\0{"a":6}\0' >m0; pipe run -e '{use: io.read, with: {path: [m0, m0], framing: nul}} | json.parse | map: {b: a}'
> {"a":1,"b":1}
> {"a":1,"b":1}
> {"a":5,"b":5}
> {"a":6,"b":6}
> {"a":5,"b":5}
> {"a":6,"b":6}
