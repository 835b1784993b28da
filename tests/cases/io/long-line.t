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
