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
# what other stages read, not as a source, counts too
$ printf 'k,v\na,1\n' >t; printf 'k,n\na,2\n' | pipe run -e 'csv.parse | fields.join: {file: t, on: k} | io.write: t'; cat t
> k,v
> a,1
! pipe: error: -e:1:45: stage 'io.write': cannot write 't': it is read by the same pipeline; `atomic: true` replaces it at the end
$ echo 'r.n = 1' >s.lua; echo '{}' | pipe run -e 'json.parse | lua.map: {file: s.lua} | io.write: {path: s.lua, append: true}'; cat s.lua
> r.n = 1
! pipe: error: -e:1:39: stage 'io.write': cannot write 's.lua': it is read by the same pipeline; `atomic: true` replaces it at the end
$ printf 'b\na\n' >in; pipe run -e 'io.read: "-" | sort | io.write: in' <in; cat in
> b
> a
! pipe: error: -e:1:23: stage 'io.write': cannot write 'in': it is read by the same pipeline; `atomic: true` replaces it at the end
