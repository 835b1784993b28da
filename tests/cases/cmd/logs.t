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
