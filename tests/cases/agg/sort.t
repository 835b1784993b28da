# the one order of all values: null, false, true, numbers, text by its bytes, other JSON; equal ones keep their order
$ pipe run -e 'json.parse | sort: v'
< {"v":"b"}
< {"v":[1]}
< {"v":10}
< {"v":"B"}
< {"v":9.5}
< {"v":true}
< {"n":1}
< {"v":false}
< {"v":null}
< {"v":"10"}
< {"v":9.50,"n":2}
> {"n":1}
> {"v":null}
> {"v":false}
> {"v":true}
> {"v":9.5}
> {"v":9.50,"n":2}
> {"v":10}
> {"v":"10"}
> {"v":"B"}
> {"v":"b"}
> {"v":[1]}
$ pipe run -e 'csv.parse | sort: [-n, host, x]'
< host,n,x
< b,9,1
< a,10,2
< abcdefgh2,9,1
< abcdefgh1,9,2
< b,9,0
> a,10,2
> abcdefgh1,9,2
> abcdefgh2,9,1
> b,9,0
> b,9,1
$ pipe run -e 'sort'
< b
< a
< B
<
>
> B
> a
> b
# equal records keep their order where workers take in pieces of a batch
$ seq 30000 | awk '{print $1 * 7 % 3 "," $1}' > in
$ pipe run -e 'csv.parse: {header: false} | {sort: c1, grain: 3, workers: 7}' in > a; LC_ALL=C sort -s -t, -k1,1 in | cmp - a
$ pipe run -e 'csv.parse: {header: false} | {sort: c1, grain: 3, workers: 7, memory: 1MiB}' in | cmp - a

# what it does not take
$ pipe check -e "csv.parse | sort: [a, a]"
! -e:1:23: error: 'by' names 'a' twice
! …
exit 2
