# records that fail in a run stage: on_error is obeyed for each of them, those before and after go on
file skip.yaml
  stages:
    - use: probe.flaky
      on_error: skip
file retry.yaml
  stages:
    - use: probe.flaky
      on_error: {retry: {times: 2, backoff: 1ms}, then: skip}
file letters.yaml
  stages:
    - use: probe.flaky
      on_error: {retry: {times: 1, backoff: 1ms}, then: {to: bad}}
    - io.write: good
    - id: bad
      use: json.format
    - io.write: letters
      from: bad
$ pipe run skip.yaml
< a
< b 1
< c
> a
> c
! …stage 'probe.flaky': record 2: attempt 1 in: b 1 (skipped)
exit 0
$ pipe run retry.yaml
< a
< b 2
< c 3
< d
> a
> b 2
> d
! …attempt 3 in: c 3 (skipped)
exit 0
$ sed 's/then: skip/then: fail/' retry.yaml >fail.yaml; pipe run fail.yaml
< b 2
< c 3
< d
> b 2
! …stage 'probe.flaky': record 2: attempt 3 in: c 3
exit 1
$ pipe run letters.yaml; cat good letters
< a
< b 1
< c 2
< d
> a
> b 1
> d
> {"error":"attempt 2","stage":"probe.flaky","attempts":2}
exit 0
# a run stage that reports a fault as maps do names no record that could be given up: the stage fails
$ pipe run -e 'probe.reporter'
< a
! …stage 'probe.reporter': not so
exit 1
$ pipe run -e '{use: probe.reporter, on_error: skip}'
! -e:1:33: error: 'on_error' of stage 'probe.reporter' can only be fail: what fails there is the stage, not one record that could be given up
! 1 | {use: probe.reporter, on_error: skip}
!   |                                 ^^^^ it belongs to stages that work record by record
exit 2
# the record's file and number, in the order of arrival
$ printf 'a\nb\n' >one; printf 'c\nd 1\ne 1\n' >two; pipe run -e 'io.read: [one, two] | {use: probe.flaky, on_error: skip}'
> a
> b
> c
! …stage 'probe.flaky': 'two': record 2: attempt 1 in: d 1 (skipped)
! …stage 'probe.flaky': 'two': record 3: attempt 1 in: e 1 (skipped)
exit 0
$ (seq 200000; echo x 1) >three; pipe run -e 'io.read: [one, three] | {text.grep: "[1x]", fuse: false} | probe.flaky' | tail -n 1
> 199999
! …stage 'probe.flaky': 'three': record 140952 of those that came here: attempt 1 in: x 1
