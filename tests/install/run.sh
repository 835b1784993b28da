#!/bin/sh
# Installs the build, moves the tree elsewhere, and uses it as a stranger would: runs it, builds a program against pipe::core and
# a plugin against pipe::plugin, with CMake and with pkg-config.   usage: run.sh SOURCE-FOLDER BUILD-FOLDER LIBDIR
set -eu
export CMAKE_GENERATOR=Ninja  # what the project itself is built with; there may be no make
source=$1 build=$2 libdir=$3
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
step() { echo "-- $*"; }
same() { [ "$1" = "$2" ] || { printf 'expected: %s\nprinted:  %s\n' "$2" "$1" >&2; exit 1; }; }

step install and move
cmake --install "$build" --prefix "$here/first" >"$here/install.log"
mv "$here/first" "$here/moved"
tree=$here/moved
for file in bin/pipe "$libdir/pipe/plugins/text.so" include/pipe/plugin.h "$libdir/cmake/pipe/pipeConfig.cmake" "$libdir/pkgconfig/pipe.pc" \
  "$libdir/pkgconfig/pipe-plugin.pc" share/man/man1/pipe.1 share/bash-completion/completions/pipe share/zsh/site-functions/_pipe \
  share/fish/vendor_completions.d/pipe.fish; do
  [ -s "$tree/$file" ] || { echo "not installed: $file" >&2; exit 1; }
done
if grep -rlF "$build" "$tree/$libdir/cmake" "$tree/$libdir/pkgconfig" "$tree/share/man"; then echo "these name the build folder" >&2; exit 1; fi
PATH=$tree/bin:$PATH
export PATH

step run the moved binary
same "$(cd / && printf 'foobar\nbar\n' | env -i "$tree/bin/pipe" run -e 'text.grep: o+b')" foobar

step a program against pipe::core
cp -r "$source/tests/install/program" "$here/program"
cmake -S "$here/program" -B "$here/program/build" -DCMAKE_PREFIX_PATH="$tree" -DCMAKE_BUILD_TYPE=Release >"$here/log" || { cat "$here/log"; exit 1; }
cmake --build "$here/program/build" >"$here/log" || { cat "$here/log"; exit 1; }
expected=$(printf '999000\ncase 1')
same "$("$here/program/build/workers")" "$expected"

step the headers among a strict program\'s warnings
for compiler in c++ clang++; do
  command -v $compiler >/dev/null || continue
  $compiler -std=c++20 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -fsyntax-only -I"$tree/include" "$here/program/workers.cpp"
  echo '#include <pipe/plugin.hpp>' | $compiler -std=c++17 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -fsyntax-only -I"$tree/include" -x c++ -
done

step a plugin against pipe::plugin
cd "$here"
pipe new plugin mytext >/dev/null
cmake -S mytext -B mytext/build -DCMAKE_PREFIX_PATH="$tree" >"$here/log" || { cat "$here/log"; exit 1; }
cmake --build mytext/build >"$here/log" || { cat "$here/log"; exit 1; }
(PATH=$(echo "$PATH" | cut -d: -f2-) && ctest --test-dir mytext/build >"$here/log") || { cat "$here/log"; exit 1; }
same "$(printf 'a b\n' | pipe run --plugin-path mytext/build -e 'mytext.upper')" 'A B'
same "$(printf 'ab cd\n' | PIPE_PLUGIN_PATH=mytext/build pipe run -e 'mytext.upper: {words: true}')" 'Ab Cd'
same "$(nm -D --defined-only mytext/build/mytext.so | awk '{print $3}')" pipe_plugin_v1

if command -v pkg-config >/dev/null; then
  step the same with pkg-config
  export PKG_CONFIG_PATH="$tree/$libdir/pkgconfig"
  c++ -std=c++20 "$here/program/workers.cpp" -o "$here/workers" $(pkg-config --cflags --libs pipe)
  same "$("$here/workers")" "$expected"
  mkdir "$here/plugins"
  c++ -std=c++17 mytext/plugin.cpp mytext/upper.cpp -o "$here/plugins/mytext.so" $(pkg-config --cflags --libs pipe-plugin)
  same "$(printf 'a b\n' | pipe run --plugin-path "$here/plugins" -e 'mytext.upper')" 'A B'
fi
