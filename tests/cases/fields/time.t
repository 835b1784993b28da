# times read and written
$ pipe run -e "json.parse | fields.time: t"
< {"t":"2026-11-24T20:15:00Z"}
< {"t":"2026-11-24 20:15:00.25+01:00"}
< {"t":1795551300.5}
< {"t":"1795551300"}
< {"t":null}
< {"x":1}
> {"t":1795551300}
> {"t":1795547700.25}
> {"t":1795551300.5}
> {"t":1795551300}
> {"t":null}
> {"x":1}
$ pipe run -e "json.parse | fields.time: {field: t, from: ms, to: iso, as: u}"
< {"t":1795551300123}
< {"t":-1}
> {"t":1795551300123,"u":"2026-11-24T20:15:00.123Z"}
> {"t":-1,"u":"1969-12-31T23:59:59.999Z"}
$ pipe run -e "json.parse | fields.time: {field: t, from: '%d.%m.%Y %H:%M', to: iso, zone: '+02:00'}"
< {"t":"24.11.2026 20:15"}
> {"t":"2026-11-24T20:15:00+02:00"}
$ pipe run -e "json.parse | fields.time: {field: t, floor: 1h, to: '%F %T %z', zone: '-03:30'}"
< {"t":"2026-11-24T20:15:00Z"}
> {"t":"2026-11-24 16:00:00 -0330"}
# the same as parse_time and format_time, on a real log
$ pipe run -e "text.access_log | map: {t: 'parse_time(time, \"%d/%b/%Y:%H:%M:%S %z\")', u: 'format_time(t, \"%A %j %I:%M %p\")'} | text.format: '{t} {u}'" examples/data/access.log > expected
$ pipe run -e "text.access_log | fields.time: {field: time, from: '%d/%b/%Y:%H:%M:%S %z', as: t} | fields.time: {field: t, to: '%A %j %I:%M %p', as: u} | text.format: '{t} {u}'" examples/data/access.log | cmp - expected
# what is no time is an error of its record
$ pipe run -e "json.parse | {fields.time: {field: t, from: '%Y-%m-%d'}, on_error: skip}"
< {"t":"2026-02-29"}
< {"t":"2026-02-28"}
< {"t":true}
> {"t":1772236800}
! …the field 't' is no time of the form '%Y-%m-%d': '2026-02-29'…
! …
exit 0
$ pipe run -e 'fields.time: {field: t, from: "%Q", to: auto, zone: Berlin}'
! …
! …there is no letter %Q…
! …
! …
! …takes iso, s, ms…
! …
! …
! …takes an offset from UTC…
! …
exit 2
# a field of the result's name stays where there is nothing to convert, whatever other records of the batch have
$ pipe run -e 'text.kv | fields.time: {field: t, as: at} | text.format: "{at}"'
< t=1970-01-01T00:00:05Z
< at=7
< t=1970-01-01T00:00:06Z at=1
> 5
> 7
> 6
# a letter that there is not would stand in the output as it is
$ pipe check -e "json.parse | map: {w: 'format_time(t, \"%F %-d\")'}"; pipe check -e "json.parse | where: parse_time(t, '%V') > 0"; pipe check -e "json.parse | fields.time: {field: t, to: '%G-W%V %U %W'}"
! -e:1:39: error: there is no letter %-; those there are: YymdeHkIlMSfNbBhaAjpzZsTRFD%uwUWVGnt
! 1 | json.parse | map: {w: 'format_time(t, "%F %-d")'}
!   |                                       ^^^^^^^^
! -e:1:35: error: there is no letter %V; those there are: YymdeHkIlMSfNbBhaAjpzZsTRFD%
! 1 | json.parse | where: parse_time(t, '%V') > 0
!   |                                   ^^^^
exit 0
# a fraction that is nearer to the next second than a nanosecond tells is that second, with all that it carries
$ pipe run -e "json.parse | map: {u: 'format_time(t, \"%F %T.%N\")'} | text.format: '{u}'"
< {"t": 1.9999999999}
< {"t": 86399.99999999999}
< {"t": -0.0000000001}
< {"t": -1.25}
> 1970-01-01 00:00:02.000000000
> 1970-01-02 00:00:00.000000000
> 1970-01-01 00:00:00.000000000
> 1969-12-31 23:59:58.750000000
