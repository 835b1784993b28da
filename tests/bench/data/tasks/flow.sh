# flow.sh: one input to several consumers, filters in a row, a reader that leaves early.

cat >fan-out.yaml <<'END'
stages:
  - {id: log, io.read: access.log}
  - {text.grep: {pattern: robots.txt, fixed: true}, from: log}
  - agg.count
  - {id: robots, text.format: 'robots {count}'}
  - {agg.count: {}, from: log}
  - {id: lines, text.format: 'lines {count}'}
  - {text.grep: ' 404 ', from: log}
  - agg.count
  - {id: missing, text.format: 'missing {count}'}
  - {sort: {}, from: [robots, lines, missing]}
END
robots="grep -Fc robots.txt | sed 's/^/robots /'" lines="wc -l | sed 's/^/lines /'" lost="grep -c ' 404 ' | sed 's/^/missing /'"
task fan-out access.log "\$PIPE run fan-out.yaml" <<END
tee to three	{ tee >($robots >&3) >($lines >&3) >($lost >&3) <access.log >/dev/null; } 3>&1 | sort
pee	pee "$robots" "$lines" "$lost" <access.log | sort
grep three reads	{ <access.log $robots; <access.log $lines; <access.log $lost; } | sort
grep three at once	{ <access.log $robots & <access.log $lines & <access.log $lost & wait; } | sort
END

# Only the bytes that come out are counted: nobody else's output would be cheaper to compare.
task chain access.log "\$PIPE run -e 'text.grep: . | text.grep: . | text.grep: . | text.grep: . | text.grep: .' access.log | wc -c" <<'END'
cat	cat access.log | cat | cat | cat | cat | wc -c
pv	pv -q access.log | pv -q | pv -q | pv -q | pv -q | wc -c
sed	sed -n /./p access.log | sed -n /./p | sed -n /./p | sed -n /./p | sed -n /./p | wc -c
grep	grep . access.log | grep . | grep . | grep . | grep . | wc -c
mawk	mawk /./ access.log | mawk /./ | mawk /./ | mawk /./ | mawk /./ | wc -c
END

task head access.log "\$PIPE run -e \"text.grep: ' 404 ' | head: 10\" access.log" <<'END'
grep	grep ' 404 ' access.log | head
grep alone	grep -m 10 ' 404 ' access.log
rg	rg ' 404 ' access.log | head
rg alone	rg -m 10 ' 404 ' access.log
ugrep	ugrep ' 404 ' access.log | head
mawk	mawk '/ 404 /' access.log | head
END
