# a file that is read is not emptied by the same pipeline; replaced as a whole it may be
$ printf 'b\na\n' >in; pipe run -e 'sort | io.write: in' in; cat in
> b
> a
! pipe: error: -e:1:8: stage 'io.write': cannot write 'in': it is read by the same pipeline; `atomic: true` replaces it at the end
$ echo n >in; pipe run -e 'text.fields: [k] | io.write: {path: "i{k}", append: true}' <in; cat in
> n
! pipe: error: -e:1:20: stage 'io.write': cannot write 'in': it is read by the same pipeline; `atomic: true` replaces it at the end
$ printf 'b\na\n' >in; ln -s in link; pipe run -e 'sort | io.write: {path: link, atomic: true}' in; cat in; ls -l link | cut -c1
> a
> b
> l
$ printf 'a\n' >in; pipe run -e 'io.tail: {path: in, from: start} | io.write: {path: in, append: true}'; cat in
> a
! pipe: error: -e:1:36: stage 'io.write': cannot write 'in': it is read by the same pipeline; `atomic: true` replaces it at the end
