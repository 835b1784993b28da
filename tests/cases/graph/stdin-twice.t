# stdin has one reader, also where an option makes a stage read it; a fault in a list points at its item
file two.yaml
  stages:
    - id: a
      io.read: [data, '-']
    - id: b
      io.stdin: {}
    - text.grep: .
      from: [a, b]
file list.yaml
  stages:
    - io.read: [data, missing, '-', '-']
    - agg.distinct: [a, b, a]
    - text.split: {names: [x, y, x]}
file data
  1
$ pipe check two.yaml
! two.yaml:5:5: error: stage 'b' (io.stdin) reads stdin, which stage 'a' (io.read) already reads
! 5 |     io.stdin: {}
!   |     ^^^^^^^^
exit 2
$ pipe run -
< stages: [{io.read: '-'}]
! stdin:1:11: error: the config itself is read from stdin, so that stage 'io.read' cannot read it
! 1 | stages: [{io.read: '-'}]
!   |           ^^^^^^^ begin with io.read, or give the config as a file
exit 2
$ pipe check list.yaml
! list.yaml:2:21: error: cannot read 'missing': No such file or directory
! 2 |   - io.read: [data, missing, '-', '-']
!   |                     ^^^^^^^
! list.yaml:2:35: error: '-' stands twice; standard input can be read only once
! 2 |   - io.read: [data, missing, '-', '-']
!   |                                   ^^^
! list.yaml:3:26: error: 'by' names 'a' twice
! 3 |   - agg.distinct: [a, b, a]
!   |                          ^
! list.yaml:4:32: error: the name 'x' stands twice
! 4 |   - text.split: {names: [x, y, x]}
!   |                                ^
exit 2
