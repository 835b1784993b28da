# fields of a file's records, by key: all that is there, several times where it is several times
file users.csv
  id,name,city
  1,"Ann ""A""",Oslo
  2,Bob,Rome
  2,Bob,Bari

  3,Cay,
file users.ndjson
  {"uid":1,"k":"a","tags":["x"],"n":1.50}

  {"uid":"2","k":"b","on":true,"n":null}
$ pipe run -e 'json.parse | fields.join: {file: users.csv, on: id}'
< {"id":1,"x":true}
< {"id":"2","city":"here"}
< {"id":9,"city":"there"}
< {"id":null}
< {"x":1}
> {"id":1,"x":true,"name":"Ann \"A\"","city":"Oslo"}
> {"id":"2","city":"Rome","name":"Bob"}
> {"id":"2","city":"Bari","name":"Bob"}
> {"id":9,"city":"there"}
> {"id":null}
> {"x":1}
$ pipe run -e 'csv.parse | fields.join: {file: users.csv, on: user, key: id, take: [city], keep: inner} | csv.format'
< user,n
< 2,1
< 7,2
< 3,4
> user,n,city
> 2,1,Rome
> 2,1,Bari
> 3,4,
$ pipe run -e 'csv.parse | fields.join: {file: users.csv, on: id, keep: anti}'
< id
< 1
< 4
> 4
$ pipe run -e 'json.parse | fields.join: {file: users.ndjson, on: [k, id], key: [k, uid]}'
< {"id":1,"k":"a"}
< {"id":2,"k":"b"}
< {"id":2,"k":"a"}
> {"id":1,"k":"a","tags":["x"],"n":1.50}
> {"id":2,"k":"b","n":null,"on":true}
> {"id":2,"k":"a"}
# what a changed record is written with are all its fields, asked for by name or not
$ pipe run -e 'csv.parse | fields.join: {file: users.csv, on: id, keep: inner}'
< id,more
< 1,x
> {"id":1,"more":"x","name":"Ann \"A\"","city":"Oslo"}
# as join does it, whatever the workers
$ cut -d' ' -f1 examples/data/access.log | sort -u | awk '{print $1 "\t" NR % 7}' > keys.tsv; cut -d' ' -f1 examples/data/access.log | sort > in
$ (printf 'ip\tn\n'; cat keys.tsv) > t.tsv; join -t "$(printf '\t')" in keys.tsv | tr '\t' ' ' > expected
$ pipe run -e '{text.split: {names: [ip]}, batch: {records: 50}} | {fields.join: {file: t.tsv, on: ip}, workers: 4} | text.format: "{ip} {n}"' in | cmp - expected
# what is wrong with the file
$ pipe run -e 'fields.join: {file: nowhere.csv, on: a}'
! …
! …cannot read 'nowhere.csv': No such file or directory…
! …
exit 2
$ printf 'a,b\n1\n' > bad.csv; echo x | pipe run -e 'text.fields: [a] | fields.join: {file: bad.csv, on: a}'
! …'bad.csv', line 2: 1 field where the header has 2…
exit 1
$ printf 'a,b\n1,2\n' > bad.csv; echo x | pipe run -e 'text.fields: [c] | fields.join: {file: bad.csv, on: c}'
! …'bad.csv' has no field 'c'…
exit 1
$ printf '{"a":1}\n{"a":\n' > bad.json; echo x | pipe run -e 'text.fields: [a] | fields.join: {file: bad.json, on: a}'
! …'bad.json', line 2: malformed JSON…
exit 1
# `memory` bounds the table, whatever the file's size; without it the file is held
$ (echo a,b; seq -f '%.0f,text' 200000) > long.csv; echo 77777 > in; pipe run -e 'text.fields: [a] | fields.join: {file: long.csv, on: a} | text.format: "{a} {b}"' in
> 77777 text
$ for m in 1MiB 8MiB; do pipe run -e "text.fields: [a] | {fields.join: {file: long.csv, on: a}, memory: $m, workers: 3, on_error: skip}" in; echo $?; done
> 1
> 1
! …stage 'fields.join': the records of 'long.csv' need …iB of memory, more than the 1MiB that this stage may hold; `memory` gives it more, fewer columns in the file need less
! …stage 'fields.join': the records of 'long.csv' need …iB of memory, more than the 8MiB that this stage may hold; …
$ pipe run -e 'text.fields: [a] | {fields.join: {file: long.csv, on: a}, memory: 64MiB} | text.format: "{a} {b}"' in
> 77777 text
$ echo 'stages: [text.fields: [a], {use: fields.join, with: {file: long.csv, on: a}, memory: 64MiB}]' > g.yaml; pipe check --explain g.yaml | grep -o 'memory 64MiB.*\|, and.*'
> memory 64MiB (given), fails beyond
> , and 64MiB of what must fit into memory
# a header without the key, or compressed data, joins with nothing: both are told
$ echo a,b >table.csv; pipe run -e 'json.parse | fields.join: {file: table.csv, on: k}'
< {"k":1}
! pipe: error: -e:1:14: stage 'fields.join': 'table.csv' has no field 'k'
exit 1
$ printf 'k,b\n1,2\n' | gzip >table.csv; pipe run -e 'json.parse | fields.join: {file: table.csv, on: k}'
< {"k":1}
! pipe: error: -e:1:14: stage 'fields.join': 'table.csv' is compressed by gzip; a file to join with must not be
exit 1
# what a record has already stays where its key is not found, though `take` names it
$ pipe run -e 'csv.parse | fields.join: {file: users.csv, on: id, take: [city]} | text.format: "{city}"'
< id,city
< 1,Paris
< 9,Nice
> Oslo
> Nice
# empty lines in front of the header are none
$ printf '\n\r\nk,b\n1,2\n\n3\n' >table.csv; pipe run -e 'json.parse | fields.join: {file: table.csv, on: k}'
< {"k":1}
! pipe: error: -e:1:14: stage 'fields.join': 'table.csv', line 6: 1 field where the header has 2
exit 1
$ printf '\n\nk,b\n1,2\n' >table.csv; pipe run -e 'json.parse | fields.join: {file: table.csv, on: k}'
< {"k":1}
> {"k":1,"b":2}
