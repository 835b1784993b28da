# where: null is false
$ pipe run -e 'json.parse | where: n > 1'
< {"n":1}
< {"n":2}
< {"m":2}
< {"n":null}
< {"n":"x"}
< {"n":3}
> {"n":2}
> {"n":3}
# what can never be true is no condition
$ pipe run -e 'json.parse | where: n + 1'
! -e:1:21: error: a condition is due here, and this is a number: compare it with something, as in x > 0
! 1 | json.parse | where: n + 1
!   |                     ^^^^^
exit 2
$ pipe run -e 'json.parse | route: {a: "lower(x)"}' 2>&1 | head -1
> -e:1:26: error: a condition is due here, and this is a text: …
