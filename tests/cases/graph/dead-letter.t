# a record that fails goes to the dead letters with its reason; those before and after it go on
file g.yaml
  stages:
    - io.generate: {count: 6, text: 'n={n}'}
    - id: parse
      text.regex: '^n=(?P<n>[1246])$'
      on_error: {to: bad}
    - map: {double: n * 2}
    - text.format: '{n} {double}'
    - io.write: good.txt
    - id: bad
      text.format: '{} {stage} {attempts}'
    - io.write: bad.txt
      from: bad
$ pipe run g.yaml; cat good.txt; echo --; cat bad.txt
> 1 2
> 2 4
> 4 8
> 6 12
> --
> n=3 parse 1
> n=5 parse 1
exit 0
