# branches of one source that meet again: a capacity that was given is told of, where it may hold up the source for ever
file zip.yaml
  stages:
    - {id: all, io.generate: 300000}
    - {id: a, where: n > 200000, from: all}
    - {id: b, map: {m: n}, from: all}
    - {id: z, flow.zip: {}, from: [a, {stage: b, capacity: "${c:-4}"}]}
    - count
file plain.yaml
  stages:
    - {id: all, io.generate: 300000}
    - {id: a, where: n > 200000, from: all}
    - {id: b, map: {m: n}, from: all}
    - {id: z, flow.zip: {}, from: [a, b]}
    - count
file apart.yaml
  stages:
    - {id: a, io.generate: 3}
    - {id: b, io.generate: 3}
    - {id: z, flow.zip: {}, from: [{stage: a, capacity: 1}, {stage: b, capacity: 1}]}
$ pipe check zip.yaml
! zip.yaml:5:45: warning: the run locks up if another branch before 'z' drops records that this one keeps: no more than 4 batches may wait here
! 5 |   - {id: z, flow.zip: {}, from: [a, {stage: b, capacity: "${c:-4}"}]}
! …without 'capacity' it takes in what it must, on disk if need be
$ pipe check plain.yaml apart.yaml; pipe run plain.yaml
> {"count":100000}
