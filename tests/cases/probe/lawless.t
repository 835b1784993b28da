# stages that break a rule of the ABI, and one that keeps them
file two.yaml
  stages:
    - probe.second
    - id: rest
      use: text.case
      with: upper
    - id: sizes
      use: text.format
      with: 'size {}'
      from: probe.second.sizes
    - use: flow.merge
      from: [rest, sizes]
    - sort
# what check() throws is told as it was said
$ pipe check -e 'probe.lawless: check'
! -e:1:1: error: thrown by check
! …
! …
exit 2
# a stage that says it was cancelled, while nobody cancels it, has failed: what it was given would be lost without a word
$ pipe run -e 'probe.lawless: cancelled'
< a
! …error: -e:1:1: stage 'probe.lawless': it ended as if it had been cancelled, which nobody did
exit 1
$ pipe run -e 'probe.outlaw: cancelled'
< a
! …error: -e:1:1: stage 'probe.outlaw': it ended as if it had been cancelled, which nobody did
exit 1
# a fault of a record that the stage was not given is the stage's own
$ pipe run -e '{use: probe.lawless, with: {how: far}, on_error: skip}'
< a
< b
! …error: -e:1:7: stage 'probe.lawless': it names record 9 of a batch that has 2: none of yours
exit 1
# a fault without words
$ pipe run -e '{use: probe.lawless, with: {how: mute}, on_error: skip}'
< a
< b
> a
! …warning: stage 'probe.lawless': record 2: failed without a message in: b (skipped)
exit 0
# select of something else than a receive or a send, or of no batch, is no wait for ever; no batch is no end of the output
$ pipe run -e 'probe.outlaw: kind'
< a
! …error: -e:1:1: stage 'probe.outlaw': select does not know a case of kind 9
exit 1
$ pipe run -e 'probe.outlaw: no batch'
< a
! …error: -e:1:1: stage 'probe.outlaw': select was given no batch to send
exit 1
$ pipe run -e 'probe.outlaw: nothing'
< a
! …error: -e:1:1: stage 'probe.outlaw': send was given no batch
exit 1
$ pipe run -e 'probe.outlaw: go'
< a
! …error: -e:1:1: stage 'probe.outlaw': go was given no function
exit 1
$ pipe run -e 'probe.outlaw: blocking'
< a
! …error: -e:1:1: stage 'probe.outlaw': blocking was given no function
exit 1
# a port that it does not have
$ pipe run -e 'probe.outlaw: port'
< a
! …error: -e:1:1: stage 'probe.outlaw': there is no output port number 7
exit 1
# a counter's name stays in its line
$ pipe run --stats -e 'probe.lawless: counter' 2>&1 | grep -A1 two
< a
>                          two?lines?[31m = 1
> io.stdout …
exit 0
# flush() hands over what was emitted on every port
$ pipe run two.yaml
< a
< bcd
> A
> BCD
> size 1
> size 3
exit 0
