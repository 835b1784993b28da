# a retry runs the record again, and the order stays
file g.yaml
  stages:
    - io.generate: 3
    - exec.each: [sh, -c, 'if [ {n} = 2 ] && [ ! -e seen ]; then touch seen; exit 1; fi; echo done {n}']
      on_error: {retry: {times: 2, backoff: 1ms}, then: fail}
$ pipe run g.yaml
> done 1
> done 2
> done 3
exit 0
