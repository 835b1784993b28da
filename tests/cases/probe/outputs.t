# an output's take is for run stages: in a map it is an error of the plugin, and no crash
$ pipe run -e 'probe.taker'
< a
! …stage 'probe.taker': record 1: output::take is for run stages and own_output in: a
exit 1
$ pipe run -e 'probe.taker: {raw: true}'
< a
! …stage 'probe.taker': record 1: output_take is for outputs that output_new made in: a
exit 1
