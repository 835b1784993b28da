# a source that cannot be read on has failed and ends, as one that finds that by itself; what came before the fault and all of the
# other source goes its way, whoever reads them
$ (seq 1000; head -c 3000000 /dev/zero | tr '\0' x; echo; seq 3000000) >large; seq 1000001 2000000 >many; (seq 1000; cat many) | sort -n | cksum
  while read -r pool; do
    printf 'stages:\n  - {id: bad, use: io.read, with: {path: large, max_record: 1MiB}}\n  - {id: good, use: io.read, with: {path: many}}\n' >g.yaml
    echo "  - {from: [bad, good], use: $pool" | sed 's/ | /\n  - /' >>g.yaml
    pipe run g.yaml >out 2>err; echo "exit $? $(sort -n out | cksum) $(grep -o "'large'.*1MiB" err)"
  done <<'END' | uniq -c | tr -s ' '
  text.grep, with: {pattern: .}}
  text.grep, with: {pattern: .}, workers: 3, ordered: false}
  text.trim, workers: 3, ordered: true}
  text.trim, grain: 5000}
  text.trim, batch: {records: 700}}
  exec.filter, with: {command: [cat]}}
  csv.parse, with: {header: false, names: [n]}}
  agg.sort}
  agg.sort, workers: 1}
  flow.head, with: {count: 5000000}}
  text.grep, with: {pattern: .}, fuse: false} | {use: text.trim}
  text.regex, with: {pattern: '(?P<n>.*)'}} | {use: agg.sort, with: {by: n}, workers: 3}
  csv.parse, with: {header: false, names: [n]}} | {use: text.trim, partition_by: n, workers: 3}
  END
> 2694180388 8003893
>  13 exit 1 2694180388 8003893 'large': record 1001: the record that begins at byte 3893 is longer than 1MiB
# of two that read the same source each has what came before the fault
$ printf 'stages:\n  - io.read: {path: large, max_record: 1MiB}\n  - {id: a, use: text.trim}\n  - {id: b, use: count, from: io.read}\n  - {use: text.format, with: {template: "{}"}, from: [a, b]}\n' >g.yaml; pipe run g.yaml >out 2>err; echo "exit $? $(wc -l <out) $(grep count out) $(grep -c error: err)"
> exit 1 1001 {"count":1000} 1
