# words and signs of other tools, and common slips, get a message that says what is right here
file stages.yaml
  stages:
    - io.generate: 3
    - {type: text.grep, pattern: a}
    - {text.trim: {}, name: x, inputs: [io.generate], timeout: 5s}
    - {text.trim: {}, on_error: {skip: true}}
    - {text.trim: {}, on_error: ignore}
    - {text.trim: {}, workers: [2], ordered: yes, batch: {bytes: 64M}, fuse: off}
    - {agg.count: {}, every: 5 s, memory: 64 MiB, share: [x]}
    - {use: [text.grep], with: a}
    - head 3
    - head: {3}
    - head: $n
    - head: [3]
    - text.grep: #5
file ids.yaml
  stages:
    - {id: 1a, io.generate: 3}
    - {id: 2a, io.generate: 3}
file keys.yaml
  stages:
    - <<: {workers: 3}
      io.generate: 3
    - head: 3
      "head": 4
    - : 3
file call.yaml
  stages: [io.generate: 3, map: {a: replace(n, "a", "b"), b: 1}]
file text.yaml
  hello
file quote.yaml
  stages:
    - text.grep: 'it's'
file bar.yaml
  stages:
    - text.grep: | x
file moved.yaml
  stages:
    - text.grep:
      pattern: a
file commented.yaml
  stages:
    - where: # only errors
      condition: 1 > 0
file types.yaml
  stages:
    - io.read(in.txt)
    - text.grep = a
    - limit: 3
file mistyped.yaml
  stages:
    - io.generate: 3
    - srot: count
file sort.yaml
  stages: [io.stdin: , json.parse, sort: a DESC]
file field.yaml
  stages: [io.stdin: , csv.parse, sort: Item Desc]
file bars.yaml
  stages:
    - text.grep: foo | head: 3
file ok.yaml
  stages: [io.generate: 3]
$ pipe check stages.yaml
! stages.yaml:3:6: error: the type of a stage stands behind 'use', not 'type'
! 3 |   - {type: text.grep, pattern: a}
!   |      ^^^^ write use: text.grep
! stages.yaml:3:23: error: 'pattern' is an option of text.grep, not a key of the stage
! 3 |   - {type: text.grep, pattern: a}
!   |                       ^^^^^^^ move it below 'with:'
! stages.yaml:4:21: error: a stage has no key 'name'
! 4 |   - {text.trim: {}, name: x, inputs: [io.generate], timeout: 5s}
!   |                     ^^^^ it is called 'id' here
! stages.yaml:4:30: error: a stage has no key 'inputs'
! 4 |   - {text.trim: {}, name: x, inputs: [io.generate], timeout: 5s}
!   |                              ^^^^^^ it is called 'from' here
! stages.yaml:4:53: error: a stage has no key 'timeout'
! 4 |   - {text.trim: {}, name: x, inputs: [io.generate], timeout: 5s}
!   |                                                     ^^^^^^^ it is a key of an edge: from: {timeout: …}
! stages.yaml:5:32: error: 'on_error' has no key 'skip'
! 5 |   - {text.trim: {}, on_error: {skip: true}}
!   |                                ^^^^ write on_error: skip
! stages.yaml:6:31: error: 'on_error' takes fail, skip or {to: STAGE}, not 'ignore'
! 6 |   - {text.trim: {}, on_error: ignore}
!   |                               ^^^^^^
! note: if 'ignore' is a stage for dead letters, write {to: ignore}
! stages.yaml:7:30: error: 'workers' takes a number or auto, not a list
! 7 |   - {text.trim: {}, workers: [2], ordered: yes, batch: {bytes: 64M}, fuse: off}
!   |                              ^^^ write it without brackets: 2
! stages.yaml:7:44: error: 'ordered' takes true or false, not 'yes'
! 7 |   - {text.trim: {}, workers: [2], ordered: yes, batch: {bytes: 64M}, fuse: off}
!   |                                            ^^^ write true
! stages.yaml:7:64: error: 'bytes' takes a size (64KiB, 1MB), not '64M'
! 7 |   - {text.trim: {}, workers: [2], ordered: yes, batch: {bytes: 64M}, fuse: off}
!   |                                                                ^^^ write 64MiB
! stages.yaml:7:76: error: 'fuse' takes true or false, not 'off'
! 7 |   - {text.trim: {}, workers: [2], ordered: yes, batch: {bytes: 64M}, fuse: off}
!   |                                                                            ^^^ write false
! stages.yaml:8:28: error: 'every' takes a duration (250ms, 5s, 1m30s), not '5 s'
! 8 |   - {agg.count: {}, every: 5 s, memory: 64 MiB, share: [x]}
!   |                            ^^^ write it without blanks: 5s
! stages.yaml:8:41: error: 'memory' takes a size (64KiB, 1MB), not '64 MiB'
! 8 |   - {agg.count: {}, every: 5 s, memory: 64 MiB, share: [x]}
!   |                                         ^^^^^^ write it without blanks: 64MiB
! stages.yaml:8:56: error: 'share' takes a name, not a list
! 8 |   - {agg.count: {}, every: 5 s, memory: 64 MiB, share: [x]}
!   |                                                        ^^^ write it without brackets: x
! stages.yaml:9:11: error: 'use' takes a type, not a list
! 9 |   - {use: [text.grep], with: a}
!   |           ^^^^^^^^^^^ write it without brackets: text.grep
! stages.yaml:10:5: error: unknown stage 'head 3'
! 10 |   - head 3
!    |     ^^^^^^ write head: 3
! stages.yaml:11:11: error: option 'count' of head takes a whole number, not a map
! 11 |   - head: {3}
!    |           ^^^
! stages.yaml:12:11: error: option 'count' of head takes a whole number, not '$n'
! 12 |   - head: $n
!    |           ^^ a variable is written ${n}
! stages.yaml:13:11: error: option 'count' of head takes a whole number, not a list
! 13 |   - head: [3]
!    |           ^^^ write it without brackets: 3
! stages.yaml:14:16: error: everything behind this '#' is a comment: option 'pattern' of text.grep is missing
! 14 |   - text.grep: #5
!    |                ^^ to mean the text, quote it: '#5'
exit 2
$ pipe check ids.yaml
! ids.yaml:2:10: error: an id is letters, digits, '_' and '-', and begins with a letter or '_', not '1a'
! 2 |   - {id: 1a, io.generate: 3}
!   |          ^^
! ids.yaml:2:14: error: the output of stage 'io.generate' is read by nobody
! 2 |   - {id: 1a, io.generate: 3}
!   |              ^^^^^^^^^^^ read it with from: io.generate, or end it in io.discard
! ids.yaml:3:10: error: an id is letters, digits, '_' and '-', and begins with a letter or '_', not '2a'
! 3 |   - {id: 2a, io.generate: 3}
!   |          ^^
exit 2
$ pipe check keys.yaml
! keys.yaml:2:5: error: merge keys ('<<') are not read; write the keys out
! 2 |   - <<: {workers: 3}
!   |     ^^
! keys.yaml:5:5: error: key 'head' stands twice in this map
! 5 |     "head": 4
!   |     ^^^^^^ first in line 4
! keys.yaml:6:3: error: a key is missing here
! 6 |   - : 3
!   |   ^
exit 2
$ pipe check call.yaml
! call.yaml:1:35: error: the comma inside this value ends it: YAML reads 'replace(n'
! 1 | stages: [io.generate: 3, map: {a: replace(n, "a", "b"), b: 1}]
!   |                                   ^^^^^^^^^^^^^^^^^^^^ quote it: 'replace(n, "a", "b")'
exit 2
$ pipe check text.yaml
! text.yaml:1:1: error: a config is a map with the key 'stages', not text
! 1 | hello
!   | ^ write stages: [head: 10]
exit 2
$ pipe check quote.yaml
! quote.yaml:2:19: error: this ' ends the text
! 2 |   - text.grep: 'it's'
!   |                   ^ within single quotes it is doubled: 'it''s'
exit 2
$ pipe check bar.yaml
! bar.yaml:2:16: error: a plain '|' begins a block of lines, which stand below it
! 2 |   - text.grep: | x
!   |                ^^^ if it is text, quote it: '| x'
exit 2
$ pipe check moved.yaml
! moved.yaml:3:5: error: 'pattern' is an option of text.grep, not a key of the stage
! 3 |     pattern: a
!   |     ^^^^^^^ move it to the right, below 'text.grep:'
exit 2
$ pipe check commented.yaml
! commented.yaml:3:5: error: 'condition' is an option of where, not a key of the stage
! 3 |     condition: 1 > 0
!   |     ^^^^^^^^^ move it to the right, below 'where:'
exit 2
$ pipe check types.yaml
! types.yaml:2:5: error: unknown stage 'io.read(in.txt)'
! 2 |   - io.read(in.txt)
!   |     ^^^^^^^^^^^^^^^ write io.read: …
! types.yaml:3:5: error: unknown stage 'text.grep = a'
! 3 |   - text.grep = a
!   |     ^^^^^^^^^^^^^ write text.grep: …
! types.yaml:4:5: error: unknown stage 'limit'
! 4 |   - limit: 3
!   |     ^^^^^ it is called 'head' here
exit 2
$ pipe check mistyped.yaml
! mistyped.yaml:3:5: error: unknown stage 'srot'
! 3 |   - srot: count
!   |     ^^^^ did you mean 'sort'?
exit 2
$ pipe check sort.yaml
! sort.yaml:1:40: warning: this sorts by a field called 'a DESC'
! 1 | stages: [io.stdin: , json.parse, sort: a DESC]
!   |                                        ^^^^^^ the largest first: -a
$ pipe check field.yaml
$ pipe check bars.yaml
! bars.yaml:2:26: error: a ': ' inside a plain value begins a new key
! 2 |   - text.grep: foo | head: 3
!   |                          ^ in a file each stage is an item of its own, on a line below; quote it: 'foo | head: 3' if it is text
exit 2
# expressions
$ for e in 'a is NOT null' 'a LIKE "x%"' 'a BETWEEN 1 and 2' 'a Contains "x"' 'a ≥ 5' 'a in (1, 2)' 'a == .5' '.a == 1' '$a == 1' 'a == None' 'a == TRUE' '`True` == true' 'NOT a' 'a || "x"' 'a =~ /x/'; do pipe check -e "json.parse | where: $e" 2>&1 | grep -v '^1 \|^  |'; done; true
> -e:1:23: error: write a != null for 'is not null'
> -e:1:23: error: write a ~ 'regular expression', or contains(a, "text")
> -e:1:23: error: write a >= … and a <= …
> -e:1:23: error: it is a function: write contains(a, "x")
> -e:1:23: error: '≥' is written >=
> -e:1:28: error: ',' means nothing here: a list is written [1, 2]
> -e:1:26: error: a number has a digit before the point: write 0.5
> -e:1:21: error: a field's name has no point before it: write a
> -e:1:21: error: '$' means nothing here: a variable is ${name}, and a field whose name has a $ is written in backticks: `$name`
> -e:1:26: warning: this is a field called None: the constant is null, and for the field write `None`
> -e:1:26: warning: this is a field called TRUE: the constant is true, and for the field write `TRUE`
> -e:1:21: error: 'NOT' is written in lower case: not
> -e:1:26: error: 'or' joins conditions, and "x" is a text: where a value may be missing, write a ?? "x"
> -e:1:23: error: a regular expression is matched with ~: write a ~ …
# the command line
$ pipe 'head: 1'
! pipe: no verb 'head: 1'; to run a pipeline: pipe run -e 'head: 1'
exit 2
$ pipe run --var x.yaml
! pipe run: --var: 'x.yaml' is not NAME=VALUE
exit 2
$ pipe run ok.yaml --stats
! ok.yaml: error: argument '--stats' is one too many: the config uses none
! note: options stand before the config's name
exit 2
$ pipe run -e 'head: 1| tail: 2'
! -e:1:7: error: option 'count' of head takes a whole number, not '1| tail: 2'
! 1 | head: 1| tail: 2
!   |       ^^^^^^^^^^ a '|' between stages has a blank on both sides
exit 2
$ pipe run -e '{head: 1 | tail: 2'
! -e:1:1: error: this '{' is never closed
! 1 | {head: 1 | tail: 2
!   | ^
exit 2
