# text.regex: named groups become fields, the record stays as it was
$ pipe run -e 'text.regex: "(?P<k>\w+)=(?P<v>\d+)" | where: v > 9'
< a=10
< b=9
< c=x d=11
> a=10
> c=x d=11
# a group that took no part leaves its field missing
$ pipe run -e 'text.regex: "^(?P<a>a)?(?P<b>b)?" | text.format: "[{a}{b}]"'
< ab
< b
< c
> [ab]
> [b]
> []
# unnamed groups are no fields
$ pipe run -e 'text.regex: "(\w)(?P<second>\w)" | text.format: "{second}"'
< ab
> b
