# map: fields are set in order, each sees those before it; existing ones change in place
$ pipe run -e 'json.parse | map: {b: a * 2, a: a + 1, c: a + b}'
< {"x":"y","a":1}
> {"x":"y","a":2,"b":2,"c":4}
