# jobs, three workers, results in the order of the jobs
$ pipe run examples/workers.yaml
> job 1: 2
> job 2: 4
> job 3: 6
> job 4: 8
> job 5: 10
> job 6: 12
> job 7: 14
> job 8: 16
> job 9: 18
exit 0
