# records that are tried again, or come in small pieces, keep their file's header and their line number
file a.csv
  a,b
  1,2
  "x
  y",3
  4
  5,6
  7
file b.csv
  b,a
  10,20
  30
  40,50
file g.yaml
  stages:
    - io.read: [a.csv, b.csv]
    - use: csv.parse
      on_error: {retry: {times: 1, backoff: 1ms}, then: skip}
    - json.format
file small.yaml
  stages:
    - io.read: [a.csv, b.csv]
    - use: csv.parse
      on_error: skip
      grain: 1
    - json.format
file fail.yaml
  stages:
    - io.read: [b.csv, a.csv]
    - csv.parse
    - json.format
$ pipe run --threads 1 g.yaml
> {"a":1,"b":2}
> {"a":"x\ny","b":3}
> {"a":5,"b":6}
> {"a":20,"b":10}
> {"a":50,"b":40}
! …line 5: 1 field where the header has 2 in: 4 (skipped)
! …line 7: 1 field where the header has 2 in: 7 (skipped)
! …line 3: 1 field where the header has 2 in: 30 (skipped)
exit 0
$ pipe run small.yaml 2>&1 >out | sort; cat out
> …'a.csv': record 3: line 5: 1 field where the header has 2 in: 4 (skipped)
> …'a.csv': record 5: line 7: 1 field where the header has 2 in: 7 (skipped)
> …'b.csv': record 2: line 3: 1 field where the header has 2 in: 30 (skipped)
> {"a":1,"b":2}
> {"a":"x\ny","b":3}
> {"a":5,"b":6}
> {"a":20,"b":10}
> {"a":50,"b":40}
exit 0
$ pipe run fail.yaml
> {"b":10,"a":20}
! …record 2: line 3: 1 field where the header has 2 in: 30
exit 1
