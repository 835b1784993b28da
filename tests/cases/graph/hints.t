# what stands at the wrong place, or is written as another tool has it, gets a hint that says what is right
file two-fields.yaml
  stages:
    - io.generate: 3
    - {map: {x: 1}, partition_by: [n, x]}
    - {sort: n, partition_by: [n]}
    - {text.grep: a, on_error: {to: [dead]}}
file expression.yaml
  stages: [io.generate: 3, {sort: -lower(n)}, io.discard: ]
file question.yaml
  stages: [io.stdin: , {id: a, text.regex: x(?<n>[2-9]), workers: 2}]
file vars.yaml
  vars:
    mark: #x
    later: "${below}"
    below: 1
  stages: [text.grep: "${mark}${later}"]
$ pipe run -e 'text.grep: {pattern: a, workers: 4}'
! -e:1:25: error: text.grep has no option 'workers'
! 1 | text.grep: {pattern: a, workers: 4}
!   |                         ^^^^^^^ it is a key of the stage: it stands beside its type, {text.grep: …, workers: …}
exit 2
$ pipe run -e 'fields.join: {by: x, file: hints.t}'
! -e:1:15: error: fields.join has no option 'by'
! 1 | fields.join: {by: x, file: hints.t}
!   |               ^^ did you mean 'on'?
exit 2
$ pipe run -e 'count: {on: host}'
! -e:1:9: error: count has no option 'on'
! 1 | count: {on: host}
!   |         ^^ did you mean 'by'?
exit 2
$ pipe run -e 'json | csv.parse'
! -e:1:1: error: unknown stage 'json'
! 1 | json | csv.parse
!   | ^^^^ the stages of plugin 'json': json.explode, json.flatten, json.format, json.get and json.parse
exit 2
$ pipe stages lua
! pipe stages: there is no stage 'lua'; the stages of plugin 'lua': lua.map
exit 2
$ pipe stages grep
! pipe stages: there is no stage 'grep'; did you mean 'text.grep'?
exit 2
$ pipe check two-fields.yaml
! two-fields.yaml:3:33: error: 'partition_by' takes one field, not a list
! 3 |   - {map: {x: 1}, partition_by: [n, x]}
!   |                                 ^^^^^^ make one of them before: map: {key: '[n, x]'}, then partition_by: key
! two-fields.yaml:4:29: error: 'partition_by' takes one field, not a list
! 4 |   - {sort: n, partition_by: [n]}
!   |                             ^^^ write partition_by: n
! two-fields.yaml:5:35: error: 'to' takes a stage's name, not a list
! 5 |   - {text.grep: a, on_error: {to: [dead]}}
!   |                                   ^^^^^^ write it without brackets: dead
exit 2
$ pipe check expression.yaml
! …error: no stage before stage 'sort' (agg.sort) makes a field 'lower(n)'
! …
! …a field is due, no expression: map: {NAME: …} before it makes one
exit 2
$ pipe check question.yaml
! question.yaml:1:42: error: YAML does not read this value
! 1 | stages: [io.stdin: , {id: a, text.regex: x(?<n>[2-9]), workers: 2}]
!   |                                          ^^^^^^^^^^^^ quote it: 'x(?<n>[2-9])'
exit 2
# a variable that is no good is told once, where it is defined
$ pipe check vars.yaml
! vars.yaml:2:9: error: everything behind this '#' is a comment: variable 'mark' is empty
! 2 |   mark: #x
!   |         ^^ to mean the text, quote it: '#x'; to mean none, write ''
! vars.yaml:3:11: error: variable 'below' is not set
! 3 |   later: "${below}"
!   |           ^^^^^^^^ it stands below: a variable may use those above it
exit 2
# a text within an expression has quotes of its own
$ pipe run -e 'io.generate: 1 | map: {host: "web"}'
! -e:1:31: error: no stage before stage 'map' (flow.map) makes a field 'web'
! 1 | io.generate: 1 | map: {host: "web"}
!   |                               ^^^ the quotes around it are YAML's: for the text write '"web"'
exit 2
$ pipe run -e 'io.generate: 1 | map: {host: "\"web\""} | map: {host: '\''"web"'\''}'
> {"n":1,"host":"web"}
