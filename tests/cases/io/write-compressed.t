# compressed by name or by option; several streams in one file are one
$ seq 100000 > in
$ for end in gz zst xz; do pipe run -e "io.write: out.$end" in; pipe run -e "io.write: {path: out.$end, append: true}" in; cat in in > expected; pipe run -e "io.read: out.$end" | cmp - expected; done
$ gzip -dc out.gz | cmp - expected; zstd -dcq out.zst | cmp - expected
$ for f in out.gz out.zst out.xz; do test $(stat -c %s $f) -lt 600000 || echo $f is large; done
$ pipe run -e 'io.write: {path: plain, compress: gzip}' in; gzip -t < plain; pipe run -e 'io.write: {path: raw.gz, compress: none}' in; cmp raw.gz in
$ pipe run -e 'io.write: {path: "-", compress: zstd}' in | zstd -dcq | cmp - in
$ pipe run -e 'io.write: {path: a.xz, atomic: true}' in; pipe run -e 'io.read: a.xz' | cmp - in; ls a.xz*
> a.xz
$ printf 'a' | pipe run -e 'io.write: c.gz'; printf 'b\n' | pipe run -e 'io.write: {path: c.gz, append: true}'; gzip -dc c.gz
> ab
# blocks compressed side by side: in order, the same bytes whatever the processors and however they came, read by everybody
$ pipe run -e 'io.generate: {count: 1500000, text: "{n} and {n} again"}' > large; for end in gz zst xz; do pipe run --threads 1 -e "io.write: one.$end" large; pipe run --threads 4 -e "flow.batch: 701 | io.write: four.$end" large; cat large | pipe run -e "io.write: {path: '-', compress: $(case $end in gz) echo gzip;; zst) echo zstd;; xz) echo xz;; esac)}" > stdout.$end; cmp one.$end four.$end; cmp one.$end stdout.$end; done
$ gzip -dc one.gz | cmp - large; zstd -dcq one.zst | cmp - large; for end in gz zst xz; do pipe run -e "io.read: one.$end" | cmp - large; done
# exactly one block, and nothing at all
$ head -c 524288 large > exact; pipe run -e 'io.write: exact.gz' exact; gzip -dc exact.gz | cmp - exact; : | pipe run -e 'io.write: none.gz'; gzip -dc none.gz; : | pipe run -e 'io.write: none.zst'; zstd -dcq none.zst
# what comes out of a broken run is no file, or whole blocks of what came before
$ (cat large; echo x) > bad; pipe run -e '{text.regex: (?P<a>again), fuse: false} | io.write: {path: part.gz, atomic: true}' bad; pipe run -e 'text.regex: (?P<a>again) | io.write: whole.gz' bad; ls | grep part; gzip -dc whole.gz | cmp - large
! …record 1500001: …
! …record 1500001: …
# a golden file that xz made
$ printf '\375\067\172\130\132\000\000\004\346\326\264\106\002\000\041\001\026\000\000\000\164\057\345\243\001\000\005\157\156\145\012\164\167\000\000\000\004\322\116\353\242\174\076\315\000\001\036\006\301\057\244\035\037\266\363\175\001\000\000\000\000\004\131\132' > golden; pipe run -e 'io.read: golden'; echo
> one
> tw
# cut off, and a bomb: a record without an end
$ head -c 40 golden > cut; pipe run -e 'io.read: cut'
> one
! …cannot read 'cut' on from byte … of its text, behind record 1: the xz data ends too early; the file is cut off
exit 1
$ head -c 40000000 /dev/zero | pipe run -e '{use: io.stdin, with: {framing: none, max_record: 200MB}} | io.write: bomb.xz'; pipe run -e 'io.read: bomb.xz'
! …'bomb.xz': record 1: the record that begins at byte 0 is longer than 16MiB; max_record sets the limit…
exit 1
# what blocks and their compressors take up is part of the most that a run holds; it grows with the processors
$ for w in 'path: a.txt' 'path: a.gz' 'path: a.zst' 'path: a.xz' 'path: "{x}.gz"'; do printf "stages:\n  - csv.parse\n  - io.write: {$w}\n" >e.yaml; pipe check --explain e.yaml | grep '^holds' | sed 's/[0-9]*[KM]iB/SIZE/g'; done
> holds at most SIZE of batches
> holds at most SIZE of batches, and SIZE of buffers
> holds at most SIZE of batches, and SIZE of buffers
> holds at most SIZE of batches, and SIZE of buffers
> holds at most SIZE of batches, and SIZE of buffers
$ kib() { pipe check --explain e.yaml | sed -n 's/.*and \([0-9]*\)MiB of buffers.*/\1/p'; }; seq 3000000 > nums; for end in zst xz; do printf "stages:\n  - io.write: big.$end\n" >e.yaml; test $(kib) -ge $(($(nproc) * 12)) && test $(kib) -le $((($(nproc) + 1) * 40)) && echo plausible; done
> plausible
> plausible
