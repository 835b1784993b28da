# what is wrong with a file of tests
file a.yaml
  stages: [head: 1]
file a.test.yaml
  tests: []
file b.yaml
  stages: [head: 1]
file b.test.yaml
  tests: [{stdin: [a], stdout: {fil: x}}]
file c.yaml
  stages: [head: 1]
file c.test.yaml
  # nothing
$ pipe test a.yaml
! a.test.yaml:1:8: error: 'tests' is empty
! 1 | tests: []
!   |        ^^ write tests: [{stdin: …, stdout: …}]
exit 2
$ pipe test b.yaml
! b.test.yaml:1:17: error: 'stdin' takes text or {file: PATH}, not a list
! 1 | tests: [{stdin: [a], stdout: {fil: x}}]
!   |                 ^^^
! b.test.yaml:1:31: error: 'stdout' has no key 'fil'
! 1 | tests: [{stdin: [a], stdout: {fil: x}}]
!   |                               ^^^ did you mean 'file'?
exit 2
$ pipe test c.yaml
! c.test.yaml:1:1: error: this file is empty
! …
! …
exit 2
