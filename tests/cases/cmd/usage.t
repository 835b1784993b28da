# what is wrong with a command line is said in one line, exit code 2
$ pipe
! pipe: what is to be done? Try `pipe --help`
exit 2
$ pipe chekc a.yaml
! pipe: no verb 'chekc'; did you mean 'check'?
exit 2
$ pipe top.yaml
! pipe: no verb 'top.yaml'; to run a config: pipe run top.yaml
exit 2
$ pipe --threads 4 run a.yaml
! pipe: no verb '--threads'; options stand behind the verb
exit 2
$ pipe run --thread 4 a.yaml
! pipe run: unknown option '--thread'; did you mean '--threads'?
exit 2
$ pipe run --threads many a.yaml
! pipe run: --threads: 'many' is not a whole number above 0
exit 2
$ pipe run --threads 0 a.yaml
! pipe run: --threads: '0' is not a whole number above 0
exit 2
$ pipe run --timeout soon a.yaml
! pipe run: --timeout: 'soon' is not a duration; write 250ms, 5s or 1m30s
exit 2
$ pipe run --log-format xml a.yaml
! pipe run: --log-format: 'xml' is not one of text or json
exit 2
$ pipe run --timeout 0s a.yaml
! pipe run: --timeout is above 0
exit 2
$ pipe run --stall 0 a.yaml
! pipe run: --stall is above 0
exit 2
$ pipe run --timeout -1s a.yaml
! pipe run: --timeout: '-1s' is not a duration; write 250ms, 5s or 1m30s
exit 2
# at most a hundred years, which fit behind the time that it is
$ pipe run --timeout 36501d a.yaml
! pipe run: --timeout: '36501d' is too long; a duration is at most 36500d
exit 2
$ pipe run --timeout 99999999999999999999.5h a.yaml
! pipe run: --timeout: '99999999999999999999.5h' is too long; a duration is at most 36500d
exit 2
$ pipe run -e 'flow.delay: 40000d'
! -e:1:13: error: option 'time' of flow.delay takes a duration (250ms, 5s, 1m30s), not '40000d'
! 1 | flow.delay: 40000d
!   |             ^^^^^^ that is too long, it is at most 36500d
exit 2
$ pipe run --timeout 36500d --stall 36500d --drain-timeout 36500d -e 'io.generate: 1'
> 1
$ pipe run --timeout 1s --timeout 2s a.yaml
! pipe run: --timeout is given twice
exit 2
$ pipe run --timeout
! pipe run: --timeout needs a value: --timeout DURATION
exit 2
$ pipe run
! pipe run: which config? Name a FILE, - for stdin, or give the pipeline with -e
exit 2
$ pipe check
! pipe check: which config? Name a FILE, - for stdin, or give the pipeline with -e
exit 2
$ pipe graph a.yaml b.yaml
! pipe graph: what is 'b.yaml' for?
exit 2
$ pipe check -e head a.yaml
! pipe check: either -e or a FILE, not both
exit 2
$ pipe new thing x
! pipe new: a plugin or a config? Not 'thing'
exit 2
$ pipe new config
! pipe new: something is missing: pipe new plugin NAME
exit 2
$ pipe completion tcsh
! pipe completion: there is none for 'tcsh'; bash, zsh and fish are known
exit 2
$ pipe run -e
! pipe run: -e needs a value: -e PIPELINE
exit 2
$ pipe run --threads 4294967297 -e count
! pipe run: --threads: 4294967297 is more than 100000
exit 2
$ pipe run -e "json.parse | where: b == 'ERROR | user: bob'"
< {"b":"ERROR | user: bob"}
> {"b":"ERROR | user: bob"}
