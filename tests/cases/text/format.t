# text.format: fields, the record, braces; fields stay readable
$ pipe run -e 'text.split: {names: [a, b]} | text.format: "{b} {{{a}}} ({})" | text.format: "{a}: {}"'
< x y
> x: y {x} (x y)
