#!/bin/sh
# run.sh BUILD_FOLDER [ROUNDS] [NAME...]: builds the twin in Go, alternates the two, prints medians and ratios (Go / pipe;
# more is better) of the time and of the CPU time, with one processor and with two. GO names another go command; RUN is put before each run, such as
# RUN="chrt -f 10" on a machine that others use too. The kernel then gives those 50 ms of every second that they have waited for, a tenth of a run of half a second
# on all processors: so there is a pause before each run, in which they have their share, and what takes less than a second is left alone.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$1
rounds=${2:-5}
shift
[ $# -eq 0 ] || shift
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
(cd "$here/go" && GO111MODULE=off "${GO:-go}" build -o "$out/go" bench.go echo.go)
mine=$build/tests/bench/runtime/bench_runtime
names="$*"
[ -n "$names" ] || names=$(sed -n 's/^    {"\([a-z0-9A-Z-]*\)", .*/\1/p' "$here/bench.cpp")
median() { sort -k"$1" -n "$2" | awk -v k="$1" '{v[NR]=$k} END {print v[int((NR+1)/2)]}'; }
printf '%-16s %3s %12s %12s %7s %7s   %s\n' benchmark P go pipe ratio cpu spread
for name in $names; do
  for p in 1 2; do
    : >"$out/a"; : >"$out/b"
    i=0
    while [ $i -lt "$rounds" ]; do
      sleep 0.1
      ${RUN:-} "$out/go" $p "$name" >>"$out/a"
      sleep 0.1
      ${RUN:-} "$mine" $p "$name" >>"$out/b"
      i=$((i + 1))
    done
    a=$(median 2 "$out/a"); b=$(median 2 "$out/b")
    c=$(median 3 "$out/a"); d=$(median 3 "$out/b")
    s=$(sort -k2 -n "$out/b" | awk '{v[NR]=$2} END {printf "%.1f..%.1f", v[1], v[NR]}')
    awk -v n="$name" -v p=$p -v a="$a" -v b="$b" -v c="$c" -v d="$d" -v s="$s" \
      'BEGIN {printf "%-16s %3d %12.1f %12.1f %7.2f %7.2f   %s\n", n, p, a, b, a / b, c / d, s}'
  done
done
