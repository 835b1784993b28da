# logs go to stderr, as text or as JSON; a stage's failure is exit code 1, a time limit 5
$ pipe run -e 'json.parse'
< {bad
! pipe: error: -e:1:1: stage 'json.parse': record 1: malformed JSON at byte 2: expected a key in double quotes in: {bad
exit 1
$ pipe run --log-format json -e 'json.parse' 2>&1 | cut -c1-9
< {bad
> {"time":"
exit 0
$ pipe run --log-level off -e 'json.parse'
< {bad
exit 1
$ pipe run --timeout 50ms --log-level off -e 'io.generate: {interval: 1h} | io.discard'
exit 5
# the name of a file does not steer the terminal, and JSON is UTF-8 whatever a record holds
$ f=$(printf 'a\033[31m'); echo x >"$f"; pipe run -e json.parse "$f"; printf '\377\355\240\200 \303\244\n' | pipe run --log-format json -e 'json.parse' 2>&1 | sed 's/.* in: //' | tail -c 10; pipe check "$f.yaml"
> ???? ä"}
! pipe: error: -e:1:1: stage 'json.parse': 'a?[31m': record 1: malformed JSON at byte 1: 'x' is no JSON value; text stands in double quotes in: x
! a?[31m.yaml: error: cannot be read: No such file or directory
exit 2
$ f=$(printf 'a\302\233m'); echo x >"$f"; pipe run -e json.parse "$f" 2>&1 | grep -o "'a.*m'"; pipe check "$f.yaml"
> 'a?m'
! a?m.yaml: error: cannot be read: No such file or directory
exit 2
