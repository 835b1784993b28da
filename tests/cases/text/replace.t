# text.replace: groups, all or the first, none twice
file variable.yaml
  stages:
    - text.replace: {pattern: '(b)', with: '[${1}|$1\${1}]'}
    - text.replace: {pattern: 'c', with: '<${1}>', fixed: true}
    - text.replace: {pattern: 'd(.)', with: '${2}'}
file behind.yaml
  stages:
    - text.replace: {pattern: '(b)', with: '$0${1}|$1${1}|$$1${1}|$${1}${1}|1${1}'}
file repeated.yaml
  stages:
    - text.replace: {pattern: '(a)\1${1}|\x6${1}|^a\\1${1}$', with: '<$0>'}
$ pipe run -e 'text.replace: {pattern: "(\w+)@(\w+)", with: "$2:$1:$$"}'
< me@home you@work
< nothing here
> home:me:$ work:you:$
> nothing here
$ pipe run -e 'text.replace: {pattern: a, with: b, first: true}'
< aaa
> baa
# without a text matches are deleted
$ pipe run -e 'text.replace: "[aeiou]"'
< one two
> n tw
# $0 is the whole match
$ pipe run -e 'text.replace: {pattern: "\d+", with: "<$0>"}'
< 1 and 22
> <1> and <22>
# plain text on both sides
$ pipe run -e 'text.replace: {pattern: "$1", with: "$2.", fixed: true}'
< a $1 b
> a $2. b
# an empty match counts wherever there is one, behind another match too, as in Perl and Python; replace_regex does the same
$ printf 'baaac\n\n' | pipe run -e "text.replace: {pattern: 'a*', with: x}"; printf 'baaac\n\n' | pipe run -e "text.regex: '^(?<t>.*)$' | map: {t: \"replace_regex(t, 'a*', 'x')\"} | text.format: '{t}'"
> xbxxcx
> x
> xbxxcx
> x
# … and where one was empty a longer one may begin
$ for p in '^|,|$' '|a' 'a*?' '(?<=a)|b'; do echo ',a,ab' | pipe run -e "text.replace: {pattern: '$p', with: x}"; echo ',a,ab' | pipe run -e "text.regex: '^(?<t>.*)$' | map: {t: \"replace_regex(t, '$p', 'x')\"} | text.format: '{t}'"; done
> xxaxabx
> xxaxabx
> x,xxx,xxxbx
> x,xxx,xxxbx
> x,xxx,xxxbx
> x,xxx,xxxbx
> ,ax,axx
> ,ax,axx
$ echo 'éa' | pipe run -e "text.replace: {pattern: '|a', with: x}"; echo 'éa' | pipe run -e "text.replace: {pattern: '(*UTF)|.', with: x}"; echo ab | pipe run -e "text.replace: {pattern: '|a', with: x, first: true}"
> xéxxx
> xxxxx
> xab
# anchors mean the ends of the record; escapes in the text
$ pipe run -e 'text.replace: {pattern: "^|$", with: "\t"}' | od -An -c | tr -s ' '
< ab
>  \t a b \t \n
# a variable within a longer replacement is text
$ pipe run variable.yaml '$1\t$$' '$1$1'
< abcde
> a[$1\t$$|b\$1\t$$]<$1\t$$>ee
# its digits belong to no group that stands before it
$ pipe run behind.yaml 1
< abc
> ab1|b1|$11|b1|11c
$ pipe run behind.yaml ''
< b
> b|b|$1|b|1
# nor do digits and letters that begin a value to an escape before it in a pattern
$ pipe run repeated.yaml 1
< aa1 aa aaa aaaaaaaaaaa
< \x61 a
< a\11
> <aa1> aa aaa aaaaaaaaaaa
> \x61 a
> <a\11>
$ pipe run repeated.yaml f
< aaf o
> <aaf> o
