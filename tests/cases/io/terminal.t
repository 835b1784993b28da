# on a terminal, records that have fields and no text of their own are a table; anywhere else a JSON object a line
file t.csv
  name,n,note
  ab,1,x
  longer name,-23.5,"y	z"
  ä日本,,plain
  end,7,
file both.yaml
  stages:
    - io.read: j
    - json.parse
    - {id: j, map: {c: 3}}
    - io.read: t.csv
    - csv.parse
    - {id: t, map: {c: 1}}
    - {sort: name, from: [j, t]}
$ cat > term; chmod +x term
< #!/bin/sh
< # runs `pipe run -e` with a terminal as standard output
< for a; do q="$q '$a'"; done
< script -qec "pipe run -e $q" /dev/null </dev/null | tr -d '\r'
$ ./term 'csv.parse | map: {m: n * 2}' t.csv; pipe run -e 'csv.parse | map: {m: n * 2}' t.csv | cat
> name             n  note      m
> ab               1  x         2
> longer name  -23.5  y\tz    -47
> ä日本               plain  null
> end              7           14
> {"name":"ab","n":1,"note":"x","m":2}
> {"name":"longer name","n":-23.5,"note":"y\tz","m":-47}
> {"name":"ä日本","n":"","note":"plain","m":null}
> {"name":"end","n":7,"note":"","m":14}
$ ./term 'csv.parse | fields.keep: [n, name] | sort: name | io.write: -' t.csv
> name             n
> ab               1
> end              7
> longer name  -23.5
> ä日本
# records with text of their own are that text: what was only parsed, JSON though it was changed, what a stage has formatted; so is another framing
$ ./term 'csv.parse | head: 1' t.csv; echo '{"a": 1, "b":2}' > j; ./term 'json.parse | map: {c: 3}' j; ./term 'csv.parse | map: {m: 1} | head: 1 | json.format' t.csv
> ab,1,x
> {"a": 1, "b":2,"c":3}
> {"name":"ab","n":1,"note":"x","m":1}
$ ./term 'csv.parse | map: {m: 1} | head: 1 | io.stdout: nul' t.csv | tr '\0' '\n'
> {"name":"ab","n":1,"note":"x","m":1}
# also where they come together with others
$ echo '{"name":"c", "n":2}' > j; script -qec 'pipe run both.yaml' /dev/null </dev/null | tr -d '\r'
> name             n  note   c
> ab               1  x      1
> {"name":"c", "n":2,"c":3}
> end              7         1
> longer name  -23.5  y\tz   1
> ä日本               plain  1
# and so is a record of one field
$ ./term count t.csv
> {"count":5}
# fields that do not stand in the header make a new one, fewer leave blanks; no value steers the terminal
$ printf 'a=1 b=2\nb=345 c=x\nb=\033[2J c=q"\\\nc=\302\233m\nc=\377 d=4\nx=1\n' > k; ./term 'text.kv | map: {z: a ?? 0} | map: {u: b ?? c} | fields.drop: [z]' k
> a  b  u
> 1  2  2
>
> b          c        u
>       345  x              345
> \u001b[2J  q"\      \u001b[2J
>            \u009bm  \u009bm
>
> c     d  u
> \xff  4  \xff
>
> x  u
> 1  null
$ printf 'a=\342\200\256x\342\200\250\342\201\251y b=2\n' > k; ./term 'text.kv | map: {c: 1}' k
> a                     b  c
> \u202ex\u2028\u2069y  2  1
$ printf 'a=1 b=2\n' > k; ./term 'text.kv | map: {z: a} | text.regex: (?P<q>.*)' k
> a  b  z
> 1  2  1
# a value that is very long is whole and moves its own row alone
$ printf 'a,b,c\n1,%080d,2\n3,x,4\n' 7 > w; ./term 'csv.parse | map: {d: 1}' w
> a  b  c  d
> 1  00000000000000000000000000000000000000000000000000000000000000000000000000000007  2  1
> 3  x  4  1
# a record shows up when it comes, whatever comes later; the columns widen from there
$ mkfifo in out; script -qec "pipe run -e 'csv.parse | map: {c: a}' in" /dev/null </dev/null > out & exec 4<out 3>in; printf 'a,b\n1,2\n' >&3; for i in 1 2; do IFS= read -r l <&4; echo "${l%?}"; done; printf '12345,2\n' >&3; IFS= read -r l <&4; echo "${l%?}"; exec 3>&-; cat <&4
> a  b  c
> 1  2  1
> 12345  2  12345
