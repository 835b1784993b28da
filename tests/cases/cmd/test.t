# pipe test: runs a config on the inputs beside it and compares what it writes
file slow.yaml
  vars: {min: 3}
  stages:
    - text.regex: '^(?P<host>\w+) (?P<n>\d+)$'
    - where: n >= ${min}
    - {id: rows, use: text.format, with: '${1:-is} {host}'}
    - {io.write: hosts, from: rows}
    - {io.stdout: , from: rows}
file slow.test.yaml
  tests:
    - name: only those at least min
      stdin: |
        a 1
        b 3
        c 5
      stdout: |
        is b
        is c
      written:
        hosts: {file: both.txt}
    - name: another limit, another word
      args: [was]
      vars: {min: 5}
      stdin: {file: in.txt}
      stdout: was c
    - name: what is no record fails
      stdin: x
      stdout: ''
      stderr: the pattern does not match
      exit: 1
file both.txt
  is b
  is c
file in.txt
  b 3
  c 5
file wrong.yaml
  stages:
    - io.read: [in, more/in]
file wrong.test.yaml
  tests:
    - name: a line is missing
      files: {in: "a\nb\n", more/in: c}
      stdout: "a\nx\nc\n"
      exit: 2
file ticks.yaml
  stages:
    - io.generate: {count: 3, interval: 10h}
    - count: {}
file ticks.test.yaml
  tests: [{name: time is virtual, stdout: '{"count":3}'}]
file bad.yaml
  stages: [head: 1]
file bad.test.yaml
  tests:
    - nmae: x
      exit: many
      files: {../x: a}
      stdin: {file: nowhere}
file none.yaml
  stages: [head: 1]
$ pipe test slow.yaml
> ok      slow.yaml: only those at least min
> ok      slow.yaml: another limit, another word
> ok      slow.yaml: what is no record fails
> 3 passed, 0 failed
exit 0
$ pipe test wrong.yaml ticks.test.yaml
> FAILED  wrong.yaml: a line is missing
>   exit code 0, not 2
>   stdout (- expected, + found):
>      a
>     -x
>     +b
>      c
> ok      ticks.yaml: time is virtual
> 1 passed, 1 failed
exit 1
$ pipe test bad.yaml
! bad.test.yaml:2:5: error: a test has no key 'nmae'
! 2 |   - nmae: x
!   |     ^^^^ did you mean 'name'?
! bad.test.yaml:2:5: error: the file '../x' does not lie in the test's folder
! 2 |   - nmae: x
!   |     ^^^^^^^ write a relative path
! bad.test.yaml:3:11: error: 'exit' takes a number from 0 to 255, not 'many'
! 3 |     exit: many
!   |           ^^^^
! bad.test.yaml:5:19: error: cannot read 'nowhere'
! 5 |     stdin: {file: nowhere}
!   |                   ^^^^^^^ paths are relative to the file of tests
exit 2
$ pipe test none.yaml
! pipe test: none.test.yaml: No such file or directory; the tests of a config stand beside it (see pipe test --help)
exit 2
# editors know the form
$ pipe schema --of tests | grep -c '"written"'
> 1
exit 0
