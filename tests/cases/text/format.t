# text.format: fields, the record, braces; fields stay readable
$ pipe run -e 'text.split: {names: [a, b]} | text.format: "{b} {{{a}}} ({})" | text.format: "{a}: {}"'
< x y
> x: y {x} (x y)
# a tab can be written in single quotes and behind -e, too; any other backslash stays, and so does what comes out of a field or a variable
$ pipe run -e 'text.split: {names: [a, b]} | text.format: "{a}\t\\t\d{b}\\"'
< \t y
> \t	\t\dy\
$ pipe run --var 'v=a\nb{' -e 'text.format: \r${v}\${v}|\\${v}|\n{}|\q\' | od -c | head -n 3
< x
> 0000000  \r   a   \   n   b   {   \   a   \   n   b   {   |   \   a   \
> 0000020   n   b   {   |  \n   x   |   \   q   \  \n
> 0000033
$ printf 'stages:\n  - text.format: ${1}\n' >whole.yaml; echo x | pipe run whole.yaml 'a\t{}'
> a	x
# … while a path is as it is written
$ echo x | pipe run -e 'text.fields: [a] | io.write: p\t{a}'; ls p*
> p\tx

# what it does not take
$ pipe check -e "text.format: '{a'"
! -e:1:15: error: this { is never closed: write {{ for the character itself
! …
exit 2
$ pipe check -e "text.format: '{a}'"
! -e:1:16: error: no stage before stage 'text.format' makes a field 'a'
! …
exit 2
