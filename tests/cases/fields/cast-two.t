# of two fields that fail in one record the first one is told, however many records fail together
file two.yaml
  stages:
    - text.kv
    - fields.cast: {a: int, b: int}
      on_error: {to: dead}
    - io.discard: {}
    - id: dead
      text.format: '{error}'
$ yes 'a=x b=y' | head -n 100 | pipe run two.yaml | sort | uniq -c | sed 's/^ *//'
> 100 the field 'a' is no whole number of 64 bits: 'x'
