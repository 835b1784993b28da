# a variable is text within a longer pattern, template or text literal, a constant within an expression, and whole where it stands alone
file text.yaml
  vars: {v: 'a.c|x'}
  stages:
    - text.regex: '^(?<all>.*${v}.*)$'
    - map:
        in_raw: all ~ '^${v}$'
        in_text: 'all ~ "^${v}$"'
        whole: all ~ ${v}
        part: match(all, '(${v})!', 1)
        with: replace_regex(all, '${v}', '[${v}]')
        literal: "'${v}'"
    - text.format: '{all} {in_raw} {in_text} {whole} {part} {with} {literal}'
file pattern.yaml
  stages:
    - text.grep: ${1}
    - text.grep: '${2:-.*}'
    - text.grep: {pattern: 'c${3:-(}', fixed: '${4:-true}'}
file template.yaml
  stages:
    - text.fields: [a, b]
    - text.format: ${1}
    - text.replace: {pattern: '^(.)${2:-}', with: '$1'}
file where.yaml
  stages:
    - json.parse
    - where: a ~ ${2} and match(a, "^${1}") == "${1}" and b ~ ("x" + "${1}")
file escape.yaml
  stages:
    - text.regex: '(?<a>.*)'
    - map:
        group: a ~ '^(x)\1${1}$'
        group_in_text: 'a ~ "^(x)\\1${1}$"'
        behind: a ~ '^x\${1}$'
        behind_in_text: 'a ~ "^x\\${1}$"'
        lone_in_text: 'a ~ "^x\${1}$"'
    - text.format: '{group} {group_in_text} {behind} {behind_in_text} {lone_in_text}'
# words of the config's own keys
file keys.yaml
  vars: {word: skip, workers: auto, grain: batch, two: 2, second: 1s}
  defaults: {workers: '${workers}', on_error: '${word}', capacity: '${two}', batch: {records: '${two}'}}
  stages:
    - io.generate: '${two}'
    - {text.trim: {}, workers: '${workers}', grain: '${grain}', on_error: '${word}'}
    - {json.parse: {}, on_error: {retry: {times: '${two}', backoff: '${second}'}, then: '${word}'}}
    - {text.trim: {}, on_error: '${1}', workers: '${2}', grain: '${3}'}
file command.yaml
  stages:
    - exec.each: [echo, '{}', '-${1}', '${1}']
file braces.yaml
  stages:
    - text.grep: '${p:-^\d{3}$}'
    - text.grep: '${q:-${p}}'
file empty.yaml
  vars: {none: '', some: x}
  stages:
    - io.generate: {count: 1, text: 'env=${PIPE_TEST_PORT:-8080} arg=${1:-one} none=${none:-two} var=${some:-three} given=${none} ${PIPE_TEST_PORT:-}.'}
$ pipe run text.yaml
< a.c|x
< a.c|x!
> a.c|x true true true  [a.c|x] a.c|x
> a.c|x! false false true a.c|x [a.c|x]! a.c|x
$ pipe run where.yaml a. 404
< {"a":"a.404","b":"xa.404"}
< {"a":"ab404","b":"xa.404"}
> {"a":"a.404","b":"xa.404"}
$ pipe run pattern.yaml '^a.c' 
< abc
< a.c(
< bc
> a.c(
$ pipe run pattern.yaml '^a.c' 'c$' '$'
< abc
< ac$
< abc$
$ pipe run pattern.yaml 'a('
< a
! pattern.yaml:2:20: error: the regular expression does not compile: missing closing parenthesis: a '(' has no partner; write \( for the character itself
! 2 |   - text.grep: ${1}
!   |                    ^
exit 2
$ pipe run template.yaml '{b}-{a}' '.'
< 1 2
< 1 .
> 2-1
> .-1
$ pipe run command.yaml '{}'
< a
> a -{} a
$ pipe check keys.yaml
$ pipe run keys.yaml ignore 0 many
! keys.yaml:7:31: error: 'on_error' takes fail, skip or {to: STAGE}, not 'ignore'
! 7 |   - {text.trim: {}, on_error: '${1}', workers: '${2}', grain: '${3}'}
!   |                               ^^^^^^
! note: if 'ignore' is a stage for dead letters, write {to: ignore}
! keys.yaml:7:48: error: 'workers' is at least 1, not 0
! 7 |   - {text.trim: {}, on_error: '${1}', workers: '${2}', grain: '${3}'}
!   |                                                ^^^^^^
! keys.yaml:7:63: error: 'grain' takes a number or batch, not 'many'
! 7 |   - {text.trim: {}, on_error: '${1}', workers: '${2}', grain: '${3}'}
!   |                                                               ^^^^^^
exit 2
# a default may hold pairs of braces
$ pipe check braces.yaml
! braces.yaml:3:17: error: a default is text: it holds no variable
! 3 |   - text.grep: '${q:-${p}}'
!   |                 ^^^^^^^^^^
exit 2
# a default stands for what is unset or empty, as in the shell
$ PIPE_TEST_PORT= pipe run --var some= empty.yaml ''
> env=8080 arg=one none=two var=three given= .
$ PIPE_TEST_PORT=1 pipe run --var none=2 empty.yaml 3
> env=1 arg=3 none=2 var=x given=2 1.
# a value begins behind an escape in a pattern of an expression, and behind a backslash
$ pipe run escape.yaml 1
< xx1
< x\1
< xx
> true true false false false
> false false true true true
> false false false false false
$ pipe run escape.yaml d
< xxd
< x\d
> true true false false false
> false false true true true
