# csv words that are numbers become numbers, others text; fields missing are left out
$ pipe run -e 'csv.parse | json.format'
< a,b
< 1,01
< ,"x ""y"""
> {"a":1,"b":"01"}
> {"a":"","b":"x \"y\""}
$ pipe run -e 'csv.parse: {infer: false} | json.format'
< a
< 1
> {"a":"1"}
$ pipe run -e 'json.parse | json.format: [c, a]'
< {"a":1.0,"b":2,"c":{"d": [1]}}
< {"b":2}
> {"c":{"d": [1]},"a":1.0}
> {}

# what it does not take
$ pipe check -e "json.format: [a]"
! -e:1:15: error: no stage before stage 'json.format' makes a field 'a'
! …
exit 2
