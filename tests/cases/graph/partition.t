# partition_by hands each key to one worker, in order: the numbers of a key ascend
file g.yaml
  stages:
    - io.generate: {count: 5000, text: 'k={n}'}
    - map: {n: int(n), k: int(n) % 7}
    - id: work
      use: map
      with: {w: n}
      workers: 4
      grain: 13
      partition_by: k
    - text.format: '{k} {n}'
$ pipe run g.yaml | awk '{ if ($2 <= last[$1]) bad = 1; last[$1] = $2; n++ } END { print n, bad + 0 }'
> 5000 0
exit 0
# asked for, the order of the input stays
$ sed 's/partition_by: k/partition_by: k\n    ordered: true/' g.yaml | pipe run - | awk '{ if ($2 != NR) bad = 1; n++ } END { print n, bad + 0 }'
> 5000 0
$ { sed 's/partition_by: k/partition_by: k\n    ordered: true/; s/{w: n}/{w: n}\n    on_error: skip/; s/use: map/use: fields.cast/; s/{w: n}/{k: bool}/' g.yaml; } | pipe run - 2>/dev/null | awk '{ if ($2 <= last) bad = 1; last = $2; n++ } END { print n, bad + 0 }'
> 5000 0
