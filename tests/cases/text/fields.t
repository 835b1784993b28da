# words as in awk: runs of blanks and tabs, blanks in front do not count
$ printf ' a  b\tc\n\nd\n' | pipe run -e 'text.fields | text.format: "{f1}|{f2}|{f3}|{f4}"'
> a|b|c|
> |||
> d|||
$ pipe run -e 'text.fields: [a, _, c] | json.format'
< 1 2 3 4
< x
> {"a":1,"c":3}
> {"a":"x"}
$ pipe run -e 'text.fields: {names: [a, rest], rest: true} | text.format: "{rest}"'
<   one two  three 
> two  three 
# without names every word is a field where all may be asked for
$ pipe run -e 'text.fields | json.format'
< a b
< c
< d e f
> {"f1":"a","f2":"b"}
> {"f1":"c"}
> {"f1":"d","f2":"e","f3":"f"}
# quotes and brackets; one that is not closed is a word like any other
$ pipe run -e 'text.fields: {quotes: true} | json.format'
< x "a b" [c d] "e \" f" "g h
> {"f1":"x","f2":"a b","f3":"c d","f4":"e \\\" f","f5":"\"g","f6":"h"}
# as awk does it, on real data
$ awk '{print $1, $7, $9}' examples/data/access.log > expected
$ pipe run -e 'text.fields | text.format: "{f1} {f7} {f9}"' examples/data/access.log | cmp - expected
$ pipe run -e 'text.fields: {rest: true}'
! …
! …no name takes the rest; name the fields…
! …
exit 2
$ pipe run -e 'text.fields: [a, a]'
! …
! …the name 'a' stands twice…
! …
exit 2
