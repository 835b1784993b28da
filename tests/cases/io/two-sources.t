# a source that cannot be read on has failed and ends, as one that finds that by itself; what came before the fault and all of the
# other source goes its way, whoever reads them
$ (seq 1000; head -c 3000000 /dev/zero | tr '\0' x; echo; seq 3000000) >large; seq 1000001 $((1000000 + 1000000 / SCALE)) >many; (seq 1000; cat many) >expected
  while read -r pool; do
    printf 'stages:\n  - {id: bad, use: io.read, with: {path: large, max_record: 1MiB}}\n  - {id: good, use: io.read, with: {path: many}}\n' >g.yaml
    echo "  - {from: [bad, good], use: $pool" | sed 's/ | /\n  - /' >>g.yaml
    pipe run g.yaml >out 2>err; echo "exit $? $(sort -n out | cmp - expected) $(grep -o "'large'.*1MiB" err)"
  done <<'END' | uniq -c | tr -s ' '
  text.grep, with: {pattern: .}}
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
>  12 exit 1 'large': record 1001: the record that begins at byte 3893 is longer than 1MiB
# of two that read the same source each has what came before the fault
$ printf 'stages:\n  - io.read: {path: large, max_record: 1MiB}\n  - {id: a, use: text.trim}\n  - {id: b, use: count, from: io.read}\n  - {use: text.format, with: {template: "{}"}, from: [a, b]}\n' >g.yaml; pipe run g.yaml >out 2>err; echo "exit $? $(wc -l <out) $(grep count out) $(grep -c error: err)"
> exit 1 1001 {"count":1000} 1
# a record behind the fault that is wrong besides ends nothing: it was never read
$ (seq -f '{"n":%.0f}' 1000; head -c 6000 /dev/zero | tr '\0' y; echo; seq -f 'no JSON at all %.0f ..........................................................' 20000) >bad; seq -f '{"n":%.0f}' 3000 >good
  for threads in 1 2 8; do for from in bad 'bad, good'; do
    printf 'stages:\n  - {id: bad, use: io.read, with: {path: bad, max_record: 1KiB}}\n  - {id: good, use: io.read, with: {path: good}}\n  - {use: io.discard, from: good}\n' >g.yaml
    printf '  - {use: lua.map, with: {script: "if text:sub(1,5) == \\"{\\\\\\"n\\\\\\":\\" then local s=0 for i=1,30000 do s=s+i end end"}, workers: 4, from: [%s]}\n' "$from" >>g.yaml
    printf '  - {use: json.parse, workers: 4}\n  - {use: agg.count, workers: 4}\n' >>g.yaml
    echo "exit $(timeout 20 pipe run --threads $threads g.yaml 2>err >out; echo $?) $(cat out) $(grep -c error: err)"
  done; done | sort | uniq -c | tr -s ' '
>  3 exit 1 {"count":1000} 1
>  3 exit 1 {"count":4000} 1
# what came before the fault and is still with the workers when it is found, dealt out in small pieces or in front of a cycle
$ (a=$(printf 'a%.0s' $(seq 200)); seq -f "$a%.0f" 1300; head -c 3000000 /dev/zero | tr '\0' x; echo; seq -f "$a%.0f" 3900) >bad; seq 100000 >good
  printf 'stages:\n  - {id: bad, use: io.read, with: {path: bad, max_record: 1MiB}}\n  - {id: good, use: io.read, with: {path: good}}\n' >g.yaml; cp g.yaml c.yaml
  echo '  - {from: [bad, good], use: lua.map, with: {script: "local s=0 for i=1,300 do s=s+i end"}, workers: 3, grain: 5000}' >>g.yaml
  printf '  - {id: w, use: text.trim, from: [bad, good, {stage: r.again, back: true}]}\n  - {id: r, use: route, with: {again: "false"}}\n  - {use: text.trim, from: r.else}\n' >>c.yaml
  for threads in 1 2 8; do for g in g c; do echo "exit $(timeout 20 pipe run --threads $threads $g.yaml 2>err >out; echo $?) $(wc -l <out) $(grep -o "stage 'bad'" err)"; done; done | uniq -c | tr -s ' '
>  6 exit 1 101300 stage 'bad'
