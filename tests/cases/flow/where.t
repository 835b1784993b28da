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
