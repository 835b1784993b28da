# the first record of each key passes, as it is and where it is
$ pipe run -e 'distinct'
< b
< a
< b
<
< a
<
> b
> a
>
$ pipe run -e 'json.parse | distinct: [k, v]'
< {"k":1,"v":null,"n":1}
< {"k":1,"n":2}
< {"k":"1","n":3}
< {"k":1.0,"n":4}
> {"k":1,"v":null,"n":1}
> {"k":"1","n":3}
> {"k":1.0,"n":4}

# what it does not take
$ pipe check -e "distinct: {n: 1}"
! -e:1:12: error: distinct has no option 'n'
! …
exit 2
