#!/bin/sh
# An include never goes up a floor: cmd -> pipelines -> core; plugins see the SDK's headers and plugins/lib alone. Heavy headers stay in
# one file each.   usage: run.sh SOURCE-FOLDER
set -u
cd "$1" || exit 2
failed=0
# never WHERE PATTERN WHY: no #include under WHERE matches PATTERN.
never() {
  found=$(grep -rnE --include='*.cpp' --include='*.hpp' --include='*.h' --include='*.S' "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]($2)" $1) || return 0
  echo "$3:"
  echo "$found"
  failed=1
}
# once PATTERN: at most one file includes it.
once() {
  files=$(grep -rlE --include='*.cpp' --include='*.hpp' --include='*.h' "^[[:space:]]*#[[:space:]]*include[[:space:]]*<$1" core pipelines plugins cmd)
  [ "$(echo "$files" | wc -l)" -le 1 ] && return 0
  echo "<$1 costs compile time; one file should include it, these do:"
  echo "$files"
  failed=1
}
ls core/include/pipe/*.h >/dev/null || exit 2
never core 'pipelines/|cmd/|plugins/|\.\./' 'core knows no YAML, no CLI, no stages'
never core 'yaml-cpp/|CLI/' 'core knows no YAML and no CLI'
never core/include 'core/' 'public headers include public headers alone'
never pipelines 'cmd/|plugins/|CLI/|\.\./' 'pipelines may use core alone'
never plugins 'core/|pipelines/|cmd/|pipe/runtime' 'plugins see the SDK alone'
never cmd 'plugins/|yaml-cpp/|\.\./' 'cmd may use pipelines and core'
once 'CLI/'
# CTest cuts a name at a ; and Catch2 takes one that begins with - for an option: such a test would never run.
if grep -rnE --include='*.cpp' 'TEST_CASE\("(-|[^"]*;)' tests; then
  echo 'names of tests: no ; and no - in front'
  failed=1
fi
[ "$failed" = 0 ] && echo 'floors: in order'
exit "$failed"
