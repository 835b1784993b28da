# a fold behind a stage that fails tells what came before the fault, fused with it or not, whatever the number of workers
$ (for i in $(seq 20000); do echo "{\"a\":$i,\"b\":\"x$((i % 7))\"}"; done; echo '{"a":1,oops}'; for i in $(seq 20000); do echo "{\"a\":$i,\"b\":\"y\"}"; done) >large
  sed -n '19998,20003p' large >small
  cat >tell <<'END'
  for fold in 'count' 'group: {sum: {n: a}, min: {m: a}, count: k}' 'group: {by: b, count: n} | group: {count: keys, sum: {n: n}}' 'where: a > 0 | top: {by: b, limit: 1}' '{group: {by: b, count: n}, partition_by: b} | group: {count: keys, sum: {n: n}}'; do
    for threads in 1 5; do pipe run --threads $threads -e "$1 | $fold" $2 2>err; echo "exit $?"; grep -c "record $3: malformed" err; done | sort -u | tr '\n' ' '; echo
  done
  END
  sh tell json.parse large 20001
> 1 exit 1 {"count":20000} 
> 1 exit 1 {"k":20000,"n":200010000,"m":1} 
> 1 exit 1 {"keys":7,"n":20000} 
> 1 exit 1 {"b":"x1","count":2858} 
> 1 exit 1 {"keys":7,"n":20000} 
$ sh tell '{json.parse: , fuse: false}' large 20001
> 1 exit 1 {"count":20000} 
> 1 exit 1 {"k":20000,"n":200010000,"m":1} 
> 1 exit 1 {"keys":7,"n":20000} 
> 1 exit 1 {"b":"x1","count":2858} 
> 1 exit 1 {"keys":7,"n":20000} 
$ sh tell json.parse small 4; sh tell '{json.parse: , fuse: false}' small 4
> 1 exit 1 {"count":3} 
> 1 exit 1 {"k":3,"n":59997,"m":19998} 
> 1 exit 1 {"keys":3,"n":3} 
> 1 exit 1 {"b":"x0","count":1} 
> 1 exit 1 {"keys":3,"n":3} 
> 1 exit 1 {"count":3} 
> 1 exit 1 {"k":3,"n":59997,"m":19998} 
> 1 exit 1 {"keys":3,"n":3} 
> 1 exit 1 {"b":"x0","count":1} 
> 1 exit 1 {"keys":3,"n":3} 
# behind one whose order does not matter the fold is at work on other pieces when it is told: its states are merged once, whole
$ for i in 1 2 3 4 5 6; do pipe run --threads 5 -e '{json.parse: , ordered: false, batch: {bytes: 4KiB}} | group: {sum: {n: a}, min: {m: a}, count: k}' large 2>/dev/null; echo "exit $?"; done | sort -u
> exit 1
> {"k":20000,"n":200010000,"m":1}
# likewise where the workers of the fold read the file themselves, and the fault is that of the file
$ (seq 100000; head -c 3000000 /dev/zero | tr '\0' x; echo; seq 900000) >long
  for how in '' '--stats'; do
    for rest in 'count' 'text.trim: | count' 'text.regex: "^(?P<n>[0-9]+)$" | group: {count: n}' '{text.trim: , batch: {records: 1000}} | count'; do
      for threads in 1 5; do pipe run $how --threads $threads -e "io.read: {path: long, max_record: 1MiB} | $rest" 2>/dev/null; echo "exit $?"; done | sort -u | tr '\n' ' '
    done
  done; echo
> exit 1 {"count":100000} exit 1 {"count":100000} exit 1 {"n":100000} exit 1 {"count":100000} exit 1 {"count":100000} exit 1 {"count":100000} exit 1 {"n":100000} exit 1 {"count":100000} 
