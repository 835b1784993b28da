# a stage that uses up its stack is named, with the size and the remedy, and has failed; the remedy helps
file mine.yaml
  stages:
    - id: mine
      probe.digger: {}
      stack: 1MiB
$ pipe run -e 'probe.digger'
< 100
> 100
$ pipe run --threads 2 -e 'probe.digger'
< 600
! pipe: stack overflow in fiber 'probe.digger…': its stack of 256 KiB is used up; give it more (go_options::stack, or `stack:` of the stage), or recurse less
exit 1
$ pipe run mine.yaml
< 600
> 600
$ pipe run --seed 1 mine.yaml
< 1000000
! pipe: stack overflow in fiber 'mine…': its stack of 1024 KiB is used up; give it more (go_options::stack, or `stack:` of the stage), or recurse less
exit 1
