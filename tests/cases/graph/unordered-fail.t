# a pool without order writes what came of the records before the one that failed, though its reader has not taken it yet
file g.yaml
  stages:
    - io.generate: 3
    - id: pool
      use: exec.each
      with: [sh, -c, 'echo $$ >p{n}; if [ {n} = 3 ]; then while [ ! -s p2 ] || kill -0 $(cat p2); do sleep 0.01; done 2>/dev/null; sleep 0.1; exit 9; fi; echo {n}']
      workers: 2
      ordered: false
    - exec.each: [sh, -c, 'while [ ! -e go ]; do sleep 0.01; done; echo {}']
      workers: 1
      from: {stage: pool, capacity: 0}
$ (while [ ! -s p3 ]; do sleep 0.01; done; while kill -0 $(cat p3); do sleep 0.01; done; sleep 0.1; touch go) 2>/dev/null & pipe run g.yaml
> 1
> 2
! …stage 'pool' (exec.each): record 3: …exited with status 9 in: 3
exit 1
