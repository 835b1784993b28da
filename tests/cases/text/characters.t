# a pattern of ASCII alone goes by bytes, one with a letter beyond it, or (*UTF), by characters; an empty match tears none apart
$ pipe run -e 'text.grep: ^.$'
< é
$ pipe run -e 'text.grep: (*UTF)^.$'
< é
< éé
> é
$ pipe run -e 'text.replace: {pattern: "(*UTF)(.)(.)", with: $2$1}'
< aé€b
> éab€
$ pipe run -e 'text.grep: {any: ["(*UTF)^.é", b]}'
< é
< €é
< b
> €é
> b
$ pipe run -e 'text.regex: (*UTF)^(?<first>.) | text.format: "{first}"'
< élan
> é
$ pipe run -e 'text.replace: {pattern: "", with: "-"}'
< é€b
> -é-€-b-
$ pipe run -e "json.parse | map: {a: replace_regex(s, '', '-'), b: match_all(s, '(*UTF).'), c: s ~ '(*UTF)^..$'}"
< {"s":"é€"}
> {"s":"é€","a":"-é-€-","b":["é","€"],"c":true}
# a byte that is no character is none for a plain dot either
$ printf '\377\n\303\251\n' | pipe run -e 'text.grep: (*UTF).' | od -An -c | tr -d ' \n'
> 303251\n
\
