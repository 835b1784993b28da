# numbers keep their text and whole ones 64 bits; texts are unescaped; the record stays as it was
$ pipe run -e 'json.parse | where: n == 9007199254740993 | csv.format: [n, x, s, b, z, o]'
< {"n":9007199254740992}
< {"n": 9007199254740993, "x": 1.50e1, "s": "a\tb\u00e9\ud83d\ude00\"", "b": true, "z": null, "o": {"k": [1, 2]}}
> n,x,s,b,z,o
> 9007199254740993,1.50e1,"a	bé😀""",true,,"{""k"": [1, 2]}"
$ pipe run -e 'json.parse | where: s == "x"'
< {"s":"\u0078",  "n" : 1.0}
> {"s":"\u0078",  "n" : 1.0}
