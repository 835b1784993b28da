# a record over max_record, read by the workers of whichever stage comes next: the fault is io.read's; it names file and byte, and
# all that was complete before it goes its way
$ (seq 1000; head -c 3000000 /dev/zero | tr '\0' x; echo; seq 9) >large
  for rest in 'text.grep: .' 'text.regex: "(?P<n>.*)"' 'exec.filter: [cat]' 'head: 5000' 'io.write: {path: o}' 'csv.parse: {header: false} | fields.drop: x' '{text.trim: , grain: 100}' '{text.trim: , workers: 3, ordered: true}'; do
    rm -f o; pipe run -e "io.read: {path: large, max_record: 1MiB} | $rest" >out 2>err; echo "exit $? $(cat out o 2>/dev/null | wc -l)"; cat err
  done | uniq -c | tr -s ' '
>  1 exit 1 1000
>  1 pipe: error: -e:1:1: stage 'io.read': 'large': record 1001: the record that begins at byte 3893 is longer than 1MiB; max_record sets the limit, framing says what ends a record
>  1 exit 1 1000
>  1 pipe: error: -e:1:1: stage 'io.read': 'large': record 1001: the record that begins at byte 3893 is longer than 1MiB; max_record sets the limit, framing says what ends a record
>  1 exit 1 1000
>  1 pipe: error: -e:1:1: stage 'io.read': 'large': record 1001: the record that begins at byte 3893 is longer than 1MiB; max_record sets the limit, framing says what ends a record
>  1 exit 1 1000
>  1 pipe: error: -e:1:1: stage 'io.read': 'large': record 1001: the record that begins at byte 3893 is longer than 1MiB; max_record sets the limit, framing says what ends a record
>  1 exit 1 1000
>  1 pipe: error: -e:1:1: stage 'io.read': 'large': record 1001: the record that begins at byte 3893 is longer than 1MiB; max_record sets the limit, framing says what ends a record
>  1 exit 1 1000
>  1 pipe: error: -e:1:1: stage 'io.read': 'large': record 1001: the record that begins at byte 3893 is longer than 1MiB; max_record sets the limit, framing says what ends a record
>  1 exit 1 1000
>  1 pipe: error: -e:1:1: stage 'io.read': 'large': record 1001: the record that begins at byte 3893 is longer than 1MiB; max_record sets the limit, framing says what ends a record
>  1 exit 1 1000
>  1 pipe: error: -e:1:1: stage 'io.read': 'large': record 1001: the record that begins at byte 3893 is longer than 1MiB; max_record sets the limit, framing says what ends a record
# what was gathered before the fault is told
$ pipe run -e 'io.read: {path: large, max_record: 1MiB} | {text.regex: "(?P<n>.*)", fuse: false} | {text.format: "{n}", partition_by: n, workers: 3} | sort: "-n" | head: 1'
> 1000
! …stage 'io.read': 'large': record 1001: the record that begins at byte 3893 is longer than 1MiB; …
exit 1
# folds tell what came before it, a compressed file is whole up to there, an atomic one is not put in its place
$ (seq 200000; head -c 3000000 /dev/zero | tr '\0' x; echo; seq 9) >behind; for rest in count sort 'tail: 1' 'io.write: o.gz' '{text.trim: , workers: 3} | io.write: o.zst'; do pipe run --threads 1 -e "io.read: {path: behind, max_record: 1MiB} | $rest" 2>err | tail -n 1; wc -l <err; done; gzip -dc o.gz | tail -n 1; zstd -dcq o.zst | tail -n 1
> {"count":200000}
> 1
> 99999
> 1
> 200000
> 1
> 1
> 1
> 200000
> 200000
$ pipe run -e 'io.read: {path: behind, max_record: 1MiB} | io.write: {path: atom, atomic: true}'; ls | grep atom
! …stage 'io.read': 'behind': record 200001: the record that begins at byte 1288895 is longer than 1MiB; …
exit 1
