# a pool without order writes what came of the records before the one that failed, though another worker has them in hand
file g.yaml
  stages:
    - io.generate: 2
    - exec.each: [sh, -c, 'if [ {n} = 2 ]; then echo $$ >second; exit 9; fi; while [ ! -s second ]; do sleep 0.01; done; while kill -0 $(cat second); do sleep 0.01; done 2>/dev/null; sleep 0.05; echo {n}']
      workers: 2
      ordered: false
      grain: 1
$ pipe run g.yaml
> 1
! …stage 'exec.each': record 2: …exited with status 9 in: 2
exit 1
