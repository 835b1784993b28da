# task.sh: runs a task with `pipe` and its peers, turn and turn about, compares the outputs, prints the medians. Needs $rounds, $wanted.

failed=0
heading() { printf '%-16s %-24s %9s %7s %9s %7s %7s\n' task tool 'wall, ms' ratio 'CPU, ms' ratio MiB; }
median() { sort -n -k "$1" "$2" | awk -v c="$1" '{v[NR] = $c} END {print v[int((NR + 1) / 2)]}'; }

# missing TOOLS: the first of `rg+jq`'s tools that is not installed.
missing() {
  local tool
  for tool in ${1//+/ }; do command -v "$tool" >/dev/null || { echo "$tool"; return; }; done
}
# same PEER: out1 is what out0 is, or holds the same lines where the peer has a star.
same() {
  case $1 in
    *'*') cmp -s <(sort out0) <(sort out1) ;;
    *) cmp -s out0 out1 ;;
  esac
}
# tired FILE: these runs have taken 10 s.
tired() { awk '{s += $1} END {exit s < 10000}' "$1"; }

# row TASK PEER FILE: medians, and the ratios to those of t0.
row() {
  awk -v task="$1" -v peer="$2" -v w="$(median 1 "$3")" -v c="$(median 2 "$3")" -v r="$(median 3 "$3")" -v mw="$(median 1 t0)" -v mc="$(median 2 t0)" -v own="$((${#1} > 0))" '
    function ratio(a, b) {return own ? "" : sprintf("%.2f", a / (b ? b : 0.01))}
    BEGIN {printf "%-16s %-24s %9.1f %7s %9.1f %7s %7.1f\n", task, peer, w, ratio(w, mw), c, ratio(c, mc), r / 1024}'
}

# task NAME INPUTS COMMAND, then peers on standard input, one a line: tool, tab, command. What stands before a blank in `tool` names
# the programs it needs, joined by +; the rest says how; a star at the end: it keeps no order.
task() {
  local name=$1 inputs=$2 mine=$3 tool command lacking i round peers=() tools=()
  if [ "$wanted" != '  ' ] && [[ $wanted != *" $name "* ]]; then cat >/dev/null; return; fi
  need $inputs || { cat >/dev/null; echo "$name: no sample for $inputs, passed over"; return; }
  while IFS=$'\t' read -r tool command; do
    lacking=${tool%% *}
    lacking=$(missing "${lacking%\*}")
    if [ -z "$lacking" ]; then tools+=("$tool"); peers+=("$command"); else echo "$name: $lacking is missing, passed over"; fi
  done
  for ((i = 0; i <= ${#peers[@]}; i++)); do : >"t$i"; done
  for ((round = 0; round < rounds; round++)); do
    ./measure "$mine" 3>>t0 >out0 || { echo "$name: pipe failed"; failed=1; }
    for ((i = 0; i < ${#peers[@]}; i++)); do
      if tired "t$((i + 1))"; then continue; fi
      ./measure "${peers[i]}" 3>>"t$((i + 1))" >out1 || true
      if ((round == 0)) && ! same "${tools[i]}"; then
        echo "$name: the output of ${tools[i]} is another: $(cmp out0 out1 2>&1 | head -n 1)"
        failed=1
        [ -z "${KEEP:-}" ] || { cp out0 "$KEEP/$name.pipe"; cp out1 "$KEEP/$name.${tools[i]// /-}"; }
      fi
    done
  done
  row "$name" pipe t0
  for ((i = 0; i < ${#peers[@]}; i++)); do row '' "${tools[i]}" "t$((i + 1))"; done
}
