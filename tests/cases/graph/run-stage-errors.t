# on_error of a stage in which no single record fails, or that has no input, says what cannot be done; as a default it passes them over
file given.yaml
  stages:
    - io.generate: 3
      on_error: {to: bad}
    - head: 1
      on_error: skip
    - exec.filter: [cat]
      on_error: {retry: {times: 2}, then: fail}
    - io.write: out
      on_error: skip
    - id: bad
      use: io.discard
      from: io.generate
file default.yaml
  defaults: {on_error: skip}
  stages:
    - io.generate: 3
    - exec.filter: ["false"]
$ pipe check given.yaml
! given.yaml:3:15: error: 'on_error' of stage 'io.generate' can only be fail: what fails there is the stage, not one record that could be given up
! 3 |     on_error: {to: bad}
!   |               ^^^^^^^^^ it belongs to stages that work record by record
! given.yaml:5:15: error: 'on_error' of stage 'head' (flow.head) can only be fail: what fails there is the stage, not one record that could be given up
! 5 |     on_error: skip
!   |               ^^^^ it belongs to stages that work record by record
! given.yaml:7:15: error: 'on_error' of stage 'exec.filter' can only be fail: what fails there is the stage, not one record that could be given up
! 7 |     on_error: {retry: {times: 2}, then: fail}
!   |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ exec.each runs a program for each record
! given.yaml:9:15: error: 'on_error' of stage 'io.write' can only be fail: what fails there is the stage, not one record that could be given up
! 9 |     on_error: skip
!   |               ^^^^ it belongs to stages that work record by record
exit 2
$ pipe run default.yaml
! …stage 'exec.filter': 'false' exited with status 1
exit 1
# a name without its plugin, and one that is near nothing
$ pipe check -e 'grep: a | where: foo(1) > 2'
! -e:1:1: error: unknown stage 'grep'
! 1 | grep: a | where: foo(1) > 2
!   | ^^^^ did you mean 'text.grep'?
! -e:1:18: error: there is no function 'foo'
! 1 | grep: a | where: foo(1) > 2
!   |                  ^^^
exit 2
