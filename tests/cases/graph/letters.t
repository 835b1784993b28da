# dead letters come in the order of the input, whatever the pool
file g.yaml
  stages:
    - io.generate: 3000
    - id: odd
      text.regex: '^(?P<x>\d*[13579])$'
      workers: 8
      grain: 7
      on_error: {to: even}
    - io.write: odd.txt
    - id: even
      text.format: '{}'
    - io.write: even.txt
      from: even
file twice.yaml
  stages:
    - io.generate: 3
    - id: first
      text.regex: '^(?P<x>[12])$'
      on_error: {to: letters}
    - io.discard: {}
    - id: letters
      text.regex: '^(?P<y>4)$'
file head.yaml
  stages:
    - io.generate: 3000
    - id: odd
      text.regex: '^(?P<x>\d*[13579])$'
      on_error: {to: even}
    - count: {}
    - io.write: count.txt
    - id: even
      head: 1
file once.yaml
  stages:
    - io.generate: 6
    - id: try
      exec.each: [sh, -c, 'echo {n} >> tried; [ {n} != 3 ] && echo {n}']
      workers: 1
      grain: 6
      on_error: {retry: {times: 2, backoff: 1ms}, then: skip}
$ pipe run g.yaml; seq 1 2 3000 | cmp - odd.txt; seq 2 2 3000 | cmp - even.txt
exit 0
# what the dead letters' reader cannot take fails the run
$ pipe run twice.yaml
! …stage 'letters' (text.regex): …in: 3
exit 1
# a reader of dead letters that stops does not stop the stage
$ pipe run head.yaml; cat count.txt
> 2
> {"count":1500}
exit 0
# a record is tried once, however many failed beside it
$ pipe run once.yaml; sort -n tried | uniq -c | tr -s ' '
> 1
> 2
> 4
> 5
> 6
>  1 1
>  1 2
>  3 3
>  1 4
>  1 5
>  1 6
! …(skipped)
exit 0
$ rm tried; sed 's/on_error.*/on_error: fail/' once.yaml > fail.yaml; pipe run fail.yaml; sort -n tried | uniq -c | tr -s ' '
> 1
> 2
>  1 1
>  1 2
>  1 3
! …stage 'try' (exec.each): record 3: …
exit 0
