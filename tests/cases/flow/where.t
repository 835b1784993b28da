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
# what an expression met that was null or of the wrong type is counted
$ pipe run --stats -e 'json.parse | where: a > 1 and not b < 2 | map: {c: a + b}' 2>&1 | grep -o 'expression misses.*'
< {"a":1}
< {"a":"x"}
< {"a":5}
> expression misses = 2
> expression misses = 1
