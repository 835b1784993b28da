# text.split: runs of blanks, single bytes, longer texts, skipped pieces, the rest
$ pipe run -e 'text.split: {names: [a, b]} | text.format: "{b}.{a}"'
<   one   two three
< one
> two.one
> .one
$ pipe run -e 'text.split: {separator: ",", names: [a, b, c]} | text.format: "{a}|{b}|{c}"'
< 1,,3
< 1,2
< 1,2,3,4
> 1||3
> 1|2|
> 1|2|3
$ pipe run -e 'text.split: {separator: "--", names: [a, _, c], rest: true} | text.format: "{a}|{c}"'
< 1--2--3--4
> 1|3--4
$ printf 'a\tb c\n' | pipe run -e 'text.split: {separator: "\t", names: [x, y]} | text.format: "{y}"'
> b c
# a piece that is written as a number counts as one
$ pipe run -e 'text.split: {separator: ":", names: [k, n]} | where: n >= 10'
< a:9
< b:10
> b:10
# an empty record lacks the fields of blank runs, and has an empty first piece elsewhere
$ printf '\n' | pipe run -e 'text.split: {separator: ",", names: [x]} | where: x == ""' | wc -l
> 1
$ printf '\n' | pipe run -e 'text.split: {names: [x]} | where: x == ""' | wc -l
> 0

# what it does not take
$ pipe check -e "text.split: {}"
! -e:1:1: error: text.split needs 'names': text
! …
exit 2
$ pipe check -e "text.split: {names: [a, a]}"
! -e:1:25: error: the name 'a' stands twice
! …
exit 2
