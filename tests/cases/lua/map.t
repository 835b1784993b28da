# a Lua script for each record: fields read and set, records dropped, changed, multiplied
file s.lua
  local n = r.n
  count = count + n
  r.count = count
file globals.yaml
  stages:
    - lua.map: {script: 'return text .. quote .. tonumber(n) * 2', globals: {quote: '${1}', n: '${2}'}}
$ pipe run -e 'json.parse | lua.map: "r.sum = r.a + (r.b or 0); r.up = r.s and r.s:upper()"'
< {"a":1,"b":2.5,"s":"x"}
< {"a":1,"b":null}
> {"a":1,"b":2.5,"s":"x","sum":3.5,"up":"X"}
> {"a":1,"b":null,"sum":1}
$ pipe run -e 'csv.parse | lua.map: "return r.n > 2 and r.zip" '
< n,zip
< 1,00100
< 3,00200
< 10,00300
> 00200
> 00300
$ pipe run -e 'lua.map: "local t = {} for w in text:gmatch(\"%a+\") do t[#t + 1] = w end return t"'
< one two
< 12
< three
> one
> two
> three
# null, booleans, tables, odd names, what is read back after it was set
$ pipe run -e "json.parse | lua.map: 'r.a = null; r.b = not r.b; r.t = {1, {x = true, a = null}}; r[\"odd name\"] = r.t[2].x and 0.5; r.e = {}'"
< {"a":1,"b":true,"z":9}
> {"a":null,"b":false,"z":9,"e":[],"odd name":0.5,"t":[1,{"a":null,"x":true}]}
# whole numbers beyond 2^53 keep their digits as text; nan is null
$ pipe run -e "json.parse | lua.map: {script: 'r.m = r.n; r.k = type(r.n); r.q = 0/0', makes: [q, m, k]}"
< {"n":9007199254740993}
< {"n":9007199254740991}
> {"n":9007199254740993,"q":null,"m":"9007199254740993","k":"string"}
> {"n":9007199254740991,"q":null,"m":9007199254740991,"k":"number"}
# an error is the record's, nothing of it stays
$ pipe run -e "json.parse | {lua.map: 'r.x = 1; if r.n == 2 then r.y = 1; error(\"no twos\") end r.z = r.n.m', on_error: skip}"
< {"n":2}
< {"n":"s"}
> {"n":"s","x":1}
! …script:1: no twos…
exit 0
$ pipe run -e "json.parse | lua.map: 'r.x = print'"
< {"n":2}
! …the field 'x': a function can be no value of a field…
exit 1
# begin, a file, a state of its own
$ pipe run -e 'io.generate: 4 | {lua.map: {file: s.lua, begin: "count = 100"}, workers: 1}'
> {"n":1,"count":101}
> {"n":2,"count":103}
> {"n":3,"count":106}
> {"n":4,"count":110}
# order and batches do not matter
$ seq 20000 > in; awk '$1 % 3 {print $1 * 2}' in > expected
$ pipe run -e '{text.fields: [n], batch: {records: 77}} | {lua.map: "if r.n % 3 == 0 then return false end return tostring(r.n * 2)", workers: 4}' in | cmp - expected
# what is wrong with the script is said before anything runs
$ pipe run -e 'lua.map: "return ("'
! …script:1: unexpected symbol near…
! …
! …
exit 2
$ pipe run -e 'lua.map: {begin: "x ="}'
! …
! …there is no script…
! …
exit 2
$ pipe run -e 'lua.map: {file: no.lua}'
! …cannot read 'no.lua': No such file or directory…
! …
! …
exit 2
$ pipe run -e 'lua.map: {script: "r.a = 1", begin: "error(7)"}' < /dev/null
! …
exit 1
# `reads` names what the script reads; what a changed record is written with are all its fields
$ pipe run -e "csv.parse | lua.map: {script: 'r.c = r.a + 1', reads: [a]}"
< a,b
< 1,2
> {"a":1,"b":2,"c":2}
$ pipe run -e "csv.parse | lua.map: {script: 'if r.a > 1 then r.b = 0 end', reads: [a], makes: [b]} | text.format: '{b}'"
< a,b
< 1,2
< 2,2
> 2
> 0
# a variable's value is no part of the script
$ pipe run globals.yaml '"; os.exit(9) --' 21
< a
> a"; os.exit(9) --42
# a global that the script would not find
$ pipe check -e 'lua.map: {script: "return r .. text", globals: {r: 1, n: 2, text: 3}}'
! -e:1:49: error: 'r' is the record in the script, which would not find a global of that name
! 1 | lua.map: {script: "return r .. text", globals: {r: 1, n: 2, text: 3}}
!   |                                                 ^
! -e:1:61: error: 'text' is the record's bytes in the script, which would not find a global of that name
! 1 | lua.map: {script: "return r .. text", globals: {r: 1, n: 2, text: 3}}
!   |                                                             ^^^^
exit 2
