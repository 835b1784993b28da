# records that differ in the fields that they have: each comes out as it does alone (variants.cpp runs this with other batches and workers)
$ pipe run -e 'text.kv | fields.join: {file: examples/data/ports.csv, on: port} | fields.fill: {n: 0} | csv.format: [port, n, service]'
< port=53 n=1
< n=2
< port=7
> port,n,service
> 53,1,domain
> ,2,
> 7,0,
$ pipe run -e "text.kv | text.regex: {pattern: '(?<b>\w) (?<a>k)', unmatched: pass} | fields.fill: {a: 0} | map: {x: z}"
< a=1 z=2
< a=1 k=0 z=2
< k=5
< m=5
> {"a":1,"z":2,"x":2}
> {"a":"k","k":0,"z":2,"b":1,"x":2}
> {"k":5,"a":0,"x":null}
> {"m":5,"a":0,"x":null}
$ pipe run -e 'text.kv | map: {k: 9, y: a} | agg.sort: z'
< a=1 z=2
< a=1 k=0 z=2
< k=5
> {"k":9,"y":null}
> {"a":1,"z":2,"k":9,"y":1}
> {"a":1,"k":9,"z":2,"y":1}
$ pipe run -e "text.kv | lua.map: 'if r.a then r.k = 1 end' | json.format"
< a=1 z=2
< a=1 k=0 z=2
< k=5
< m=5
> {"a":1,"z":2,"k":1}
> {"a":1,"k":1,"z":2}
> {"k":5}
> {"m":5}
$ pipe run -e "text.kv | text.regex: {pattern: '^(?<z>a)=(?<k>1)', unmatched: pass} | agg.sort | json.format"
< a=1 z=2
< k=0 a=1 z=2
< z=2 k=5
< q=1 a=2
> {"a":1,"z":"a","k":1}
> {"a":1,"k":0,"z":2}
> {"a":2,"q":1}
> {"k":5,"z":2}
$ pipe run -e 'json.parse | text.format: "{a}" | agg.sort | fields.fill: {x: 1}'
< {"b":1,"a":2}
< {"x":0,"a":3}
> {"b":1,"a":2,"x":1}
> {"x":0,"a":3}
$ pipe run -e "csv.parse: {ragged: fill} | text.kv | agg.sort: a | map: {d: 1} | fields.fill: {b: 9}"
< a,b
< k=1
< l=2,3
> {"a":"k=1","b":9,"k":1,"d":1}
> {"a":"l=2","b":3,"l":"2,3","d":1}
$ pipe run -e "csv.parse: {ragged: fill} | text.kv | flow.sample: {every: 40} | fields.drop: [l, k] | csv.format"
< a,b
< k=1
< l=2,3
> a,b
> k=1,
$ pipe run -e "json.parse | text.split: {separator: '\"', names: [n, a]} | lua.map: 'r.a = r.b; if r.c then r.n = 1 end'"
< {"b":1}
< {"k":2}
< {"b":3,"c":0}
< {"c":0}
> {"b":1,"a":1}
> {"k":2}
> {"b":3,"c":0,"a":3,"n":1}
> {"c":0,"n":1}
$ pipe run -e "text.kv | json.format | text.regex: {pattern: '(?<k>\w)\W+(?<n>\w)', unmatched: pass} | json.format"
< a=5
< n=1 b=
< z=
> {"a":5,"k":"a","n":5}
> {"b":"","n":1,"k":"b"}
> {"z":""}
$ pipe run -e "json.parse | text.regex: {pattern: '(?<b>\d)', unmatched: pass} | text.split: {separator: ':', names: [a, b]} | json.format"
< {"x":"y"}
< {"x":1}
> {"x":"y","a":"{\"x\"","b":"\"y\"}"}
> {"x":1,"b":"1}","a":"{\"x\""}
$ pipe run -e "json.parse | text.regex: {pattern: '(?<b>\d)', unmatched: pass} | text.split: {separator: ':', names: [a, b]} | agg.sort: x | json.format"
< {"x":"y"}
< {"x":1}
> {"x":1,"b":"1}","a":"{\"x\""}
> {"x":"y","a":"{\"x\"","b":"\"y\"}"}
$ pipe run -e 'json.parse | flow.dedupe: {by: b, window: 3} | csv.parse: {ragged: fill} | json.format'
< {"k":[]}
< {}
< {"b":"\u0061"}
> {"b":"\u0061","{\"k\":[]}":"{\"b\":\"\\u0061\"}"}
$ pipe run -e 'json.parse | text.split: {separator: " ", names: [a, q]} | fields.cast: {a.b: text} | text.format: "{a}|{a.b}"'
< {"a.b":1}
< {"a": {"c":3}}
> {"a.b":1}|1
> {"a":|
$ pipe run -e "text.fields | fields.fill: {d: k} | map: {c: '1'} | map: {d: '2'}"
< x
<
< y
> {"f1":"x","c":1,"d":2}
> {"c":1,"d":2}
> {"f1":"y","c":1,"d":2}
$ pipe run -e "json.parse | map: {a.b.c: '1'} | text.replace: {pattern: x, with: y} | json.format"
< {"a.b":{"b":true}}
< {"k":2}
> {"a.b":{"b":true,"c":1}}
> {"k":2,"a.b.c":1}
$ pipe run -e 'json.parse | text.fields: [a.c, x] | text.replace: {pattern: x, with: y} | json.format'
< {} 
< {"a": {"c":1}}
> {"a.c":"{}"}
> {"a":{"c":1},"a.c":"{\"a\":","x":"{\"c\":1}}"}
