# a cycle that nobody reads any more ends, though its stages read each other
file endless.yaml
  stages:
    - io.generate: 1
    - id: step
      use: map
      with: {x: n + 1}
      from: [io.generate, {stage: step, back: true}]
    - head: 3
      from: step
file two.yaml
  stages:
    - io.generate: 2
    - id: step
      use: lua.map
      with: {script: 'return {text .. "0", text .. "1"}'}
      from: [io.generate, {stage: both, back: true}]
    - id: both
      use: text.trim
    - id: some
      use: head
      with: {count: 5}
      from: both
    - id: more
      use: head
      with: {count: 7}
      from: step
    - agg.count:
      from: [some, more]
$ pipe run endless.yaml
> {"n":1,"x":2}
> {"n":1,"x":2}
> {"n":1,"x":2}
$ pipe run --seed 7 endless.yaml | wc -l
> 3
$ pipe run two.yaml
> {"count":12}
! …
# a closed stdout is a reader that has left
$ sed '/head/,$d' endless.yaml >open.yaml; printf '  - text.format: "{x}"\n    from: step\n' >>open.yaml; pipe run open.yaml | head -n 2
> 2
> 2
