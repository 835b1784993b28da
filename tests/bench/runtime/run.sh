#!/bin/sh
# run.sh BUILD_FOLDER [ROUNDS] [NAME...]: builds the twin in Go, alternates the two, prints medians and ratios (Go / pipe;
# more is better), with one processor and with two. GO names another go command; RUN is put before each run, such as
# RUN="chrt -f 10" on a machine that others use too.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$1
rounds=${2:-5}
shift
[ $# -eq 0 ] || shift
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
(cd "$here/go" && GO111MODULE=off "${GO:-go}" build -o "$out/go" bench.go)
mine=$build/tests/bench/runtime/bench_runtime
names="$*"
[ -n "$names" ] || names=$(sed -n 's/^    {"\([a-z0-9A-Z-]*\)", .*/\1/p' "$here/bench.cpp")
printf '%-16s %3s %12s %12s %7s   %s\n' benchmark P go pipe ratio spread
for name in $names; do
  for p in 1 2; do
    : >"$out/a"; : >"$out/b"
    i=0
    while [ $i -lt "$rounds" ]; do
      ${RUN:-} "$out/go" $p "$name" >>"$out/a"
      ${RUN:-} "$mine" $p "$name" >>"$out/b"
      i=$((i + 1))
    done
    a=$(sort -k2 -n "$out/a" | awk '{v[NR]=$2} END {print v[int((NR+1)/2)]}')
    b=$(sort -k2 -n "$out/b" | awk '{v[NR]=$2} END {print v[int((NR+1)/2)]}')
    s=$(sort -k2 -n "$out/b" | awk '{v[NR]=$2} END {printf "%.1f..%.1f", v[1], v[NR]}')
    awk -v n="$name" -v p=$p -v a="$a" -v b="$b" -v s="$s" 'BEGIN {printf "%-16s %3d %12.1f %12.1f %7.2f   %s\n", n, p, a, b, a / b, s}'
  done
done
