# `new` makes what works, and overwrites nothing
$ pipe new config errors
> made errors.yaml; try: pipe check --explain errors.yaml
$ pipe check errors.yaml
$ pipe run errors.yaml
< disk error 5
< all is well
< disk error 6
> {"before":"disk","count":2}
$ pipe new config errors
! pipe new: errors.yaml exists already
exit 2
$ pipe new config ../up
! pipe new: '../up' is no name; use small letters, digits, '_' and '-', a letter first
exit 2
$ pipe new plugin mytext
> made mytext/; try: …
$ ls mytext
> CMakeLists.txt
> plugin.cpp
> upper.cpp
$ pipe new plugin my-text
! pipe new: a plugin's name holds no '-', since stages are called PLUGIN.STAGE
exit 2
