# text.sh: lines counted, found, cut into fields.

task lines access.log "\$PIPE run -e 'agg.count | text.format: \"{count}\"' access.log" <<'END'
bare	bare lines access.log
wc	wc -l <access.log
rg	rg -c '' access.log
mawk	mawk 'END {print NR}' access.log
END
task lines-pipe access.log "cat access.log | \$PIPE run -e 'agg.count | text.format: \"{count}\"'" <<'END'
bare	cat access.log | bare lines
wc	cat access.log | wc -l
END

task fixed access.log "\$PIPE run -e 'text.grep: {pattern: robots.txt, fixed: true}' access.log" <<'END'
bare	bare fixed access.log
rg	rg -F robots.txt access.log
ugrep	ugrep -F robots.txt access.log
grep	grep -F robots.txt access.log
mawk	mawk '/robots\.txt/' access.log
END
task fixed-pipe access.log "cat access.log | \$PIPE run -e 'text.grep: {pattern: robots.txt, fixed: true}'" <<'END'
bare	cat access.log | bare fixed
rg	cat access.log | rg -F robots.txt
ugrep	cat access.log | ugrep -F robots.txt
grep	cat access.log | grep -F robots.txt
END

task regex access.log "\$PIPE run -e \"text.grep: ' 5\\d\\d '\" access.log" <<'END'
bare	bare regex access.log
rg	rg ' 5\d\d ' access.log
ugrep	ugrep ' 5[0-9][0-9] ' access.log
grep	grep -E ' 5[0-9][0-9] ' access.log
duckdb	duckdb -noheader -list -c "SELECT line FROM read_csv('access.log', columns={line: 'VARCHAR'}, header=false, delim='\x01', quote='', escape='') WHERE regexp_matches(line, ' 5\d\d ')"
END
task regex-pipe access.log "cat access.log | \$PIPE run -e \"text.grep: ' 5\\d\\d '\"" <<'END'
bare	cat access.log | bare regex
rg	cat access.log | rg ' 5\d\d '
END

tally='{n[$1]++} END {for (k in n) print n[k], k}'
ten='sort -k1,1nr -k2 | head -n 10'
export tally
task top access.log "\$PIPE run -e 'text.split: {names: [ip]} | top: {by: ip, limit: 10} | text.format: \"{count} {ip}\"' access.log" <<END
bare	bare top access.log
gawk	gawk "\$tally" access.log | $ten
mawk	mawk "\$tally" access.log | $ten
mawk behind cut	cut -d' ' -f1 access.log | mawk "\$tally" | $ten
sort behind cut, uniq	cut -d' ' -f1 access.log | sort | uniq -c | sed 's/^ *//' | $ten
parallel+mawk	parallel --pipepart -a access.log --block -1 mawk "'\$tally'" | mawk '{n[\$2] += \$1} END {for (k in n) print n[k], k}' | $ten
duckdb	duckdb -c "COPY (SELECT count(*) || ' ' || ip FROM (SELECT split_part(line, ' ', 1) AS ip FROM read_csv('access.log', columns={line: 'VARCHAR'}, header=false, delim='\x01', quote='', escape='')) GROUP BY ip ORDER BY count(*) DESC, ip LIMIT 10) TO '/dev/stdout' (FORMAT csv, HEADER false)"
mlr	mlr --inidx --ifs ' ' --onidx count -g 1 then sort -nr count -f 1 then head -n 10 then reorder -f count access.log
END

line='^(\S+) \S+ \S+ \[([^\]]+)\] "(\S+) (\S+) [^"]*" (\d{3}) (\d+|-)'
named='^(?P<ip>\S+) \S+ \S+ \[(?P<time>[^\]]+)\] "(?P<verb>\S+) (?P<path>\S+) [^"]*" (?P<status>\d{3}) (?P<size>\d+|-)'
posix='^([^ ]+) [^ ]+ [^ ]+ \[([^]]+)\] "([^ ]+) ([^ ]+) [^"]*" ([0-9]{3}) ([0-9]+|-)'
tab=$'\t'
export line named posix tab
task captures access.log "\$PIPE run -e \"text.regex: {pattern: '\$named', unmatched: skip} | text.format: '{ip}\$tab{time}\$tab{verb}\$tab{path}\$tab{status}\$tab{size}'\" access.log" <<'END'
mawk by split()	mawk -v OFS='\t' '{split($0, q, "\""); split(q[1], a, /[][]/); split(q[2], r, " "); split(q[3], s, " "); sub(/ .*/, "", a[1])} r[2] != "" && s[1] ~ /^[0-9][0-9][0-9]$/ {print a[1], a[2], r[1], r[2], s[1], s[2]}' access.log
perl	perl -ne 'BEGIN {$r = qr/$ENV{line}/} print "$1\t$2\t$3\t$4\t$5\t$6\n" if $_ =~ $r' access.log
parallel+perl	parallel --pipepart -k -a access.log --block -1 perl -ne "'BEGIN {\$r = qr/\$ENV{line}/} print \"\$1\t\$2\t\$3\t\$4\t\$5\t\$6\n\" if \$_ =~ \$r'"
gawk	gawk -v OFS='\t' 'match($0, ENVIRON["posix"], m) {print m[1], m[2], m[3], m[4], m[5], m[6]}' access.log
sed	sed -nE "s/$posix.*/\1\t\2\t\3\t\4\t\5\t\6/p" access.log
rg	rg -or "\$1$tab\$2$tab\$3$tab\$4$tab\$5$tab\$6" "$line" access.log
END
