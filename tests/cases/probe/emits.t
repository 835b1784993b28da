# records that a map passes side by side, with gaps, twice, among ones with new bytes, before one that fails
$ printf '%s\n' a b c | pipe run -e 'probe.emits'
> a
> b
> c
exit 0
$ printf '%s\n' drop a drop b drop | pipe run -e 'probe.emits'
> a
> b
exit 0
$ printf '%s\n' a twice b | pipe run -e 'probe.emits'
> a
> twice
> twice
> b
exit 0
$ printf '%s\n' a drop b new c both d | pipe run -e 'probe.emits'
> a
> b
> NEW
> c
> both
> NEW
> d
exit 0
$ printf '%s\n' a fail b new fail c | pipe run -e '{use: probe.emits, on_error: skip}' 2>/dev/null
> a
> b
> NEW
> c
exit 0
$ printf '%s\n' fail drop fail a | pipe run -e '{use: probe.emits, on_error: skip}' 2>/dev/null
> a
exit 0
# whole blocks, and all but the first or the last record
$ seq 100000 >in; pipe run -e 'probe.emits' <in | cmp - in; (echo drop; cat in) | pipe run -e 'probe.emits' | cmp - in; (cat in; echo drop) | pipe run -e 'probe.emits' | cmp - in; (cat in; echo new; cat in) | pipe run -e 'probe.emits' | grep -v NEW >out; cat in in | cmp - out
exit 0
# their fields go along
$ printf '{"a":%s}\n' 1 2 3 | pipe run -e 'json.parse | probe.emits | where: a != 2 | map: {b: a + 1}'
> {"a":1,"b":2}
> {"a":3,"b":4}
exit 0
