# tasks.sh: the tasks and their peers, read by `run`; commands run in the folder that holds the inputs.

task lines "\$PIPE run -e 'agg.count | text.format: \"{count}\"' access.log" <<'END'
wc	wc -l <access.log
mawk	mawk 'END {print NR}' access.log
END
task lines-pipe "cat access.log | \$PIPE run -e 'agg.count | text.format: \"{count}\"'" <<'END'
wc	cat access.log | wc -l
END

task fixed "\$PIPE run -e 'text.grep: {pattern: robots.txt, fixed: true}' access.log" <<'END'
rg	rg -F robots.txt access.log
grep	grep -F robots.txt access.log
END
task fixed-pipe "cat access.log | \$PIPE run -e 'text.grep: {pattern: robots.txt, fixed: true}'" <<'END'
rg	cat access.log | rg -F robots.txt
grep	cat access.log | grep -F robots.txt
END

task regex "\$PIPE run -e \"text.grep: ' 5\\d\\d '\" access.log" <<'END'
rg	rg ' 5\d\d ' access.log
grep	grep -E ' 5[0-9][0-9] ' access.log
END
task regex-pipe "cat access.log | \$PIPE run -e \"text.grep: ' 5\\d\\d '\"" <<'END'
rg	cat access.log | rg ' 5\d\d '
END

task top "\$PIPE run -e 'text.split: {names: [ip]} | top: {by: ip, limit: 10} | text.format: \"{count} {ip}\"' access.log" <<'END'
gawk	gawk '{n[$1]++} END {for (k in n) print n[k], k}' access.log | sort -k1,1nr -k2 | head -n 10
mawk	mawk '{n[$1]++} END {for (k in n) print n[k], k}' access.log | sort -k1,1nr -k2 | head -n 10
END

line='^(\S+) \S+ \S+ \[([^\]]+)\] "(\S+) (\S+) [^"]*" (\d{3}) (\d+|-)'
named='^(?P<ip>\S+) \S+ \S+ \[(?P<time>[^\]]+)\] "(?P<verb>\S+) (?P<path>\S+) [^"]*" (?P<status>\d{3}) (?P<size>\d+|-)'
tab=$'\t'
export line named tab
task captures "\$PIPE run -e \"text.regex: {pattern: '\$named', unmatched: skip} | text.format: '{ip}\$tab{time}\$tab{verb}\$tab{path}\$tab{status}\$tab{size}'\" access.log" <<'END'
perl	perl -ne 'BEGIN {$r = qr/$ENV{line}/} print "$1\t$2\t$3\t$4\t$5\t$6\n" if $_ =~ $r' access.log
END

task json-filter "\$PIPE run -e 'json.parse | where: rtt > 0.1 | json.format: [ts, id.orig_h, query]' dns.ndjson" <<'END'
jq	jq -c 'select(.rtt > 0.1) | {ts, "id.orig_h", query}' dns.ndjson
jaq	jaq -c 'select(.rtt > 0.1) | {ts, "id.orig_h", query}' dns.ndjson
duckdb	duckdb -c "COPY (SELECT ts, \"id.orig_h\", query FROM read_json('dns.ndjson', format='newline_delimited', columns={ts: 'VARCHAR', \"id.orig_h\": 'VARCHAR', query: 'VARCHAR', rtt: 'DOUBLE'}) WHERE rtt > 0.1) TO '/dev/stdout' (FORMAT json)"
END
task json-group "\$PIPE run -e 'json.parse | group: {by: id.resp_h, count: n, sum: {ids: trans_id}}' dns.ndjson" <<'END'
jq	jq -nc 'reduce inputs as $r ({}; .[$r["id.resp_h"]] |= {n: (.n + 1), ids: (.ids + $r.trans_id)}) | to_entries | sort_by(.key)[] | {"id.resp_h": .key, n: .value.n, ids: .value.ids}' dns.ndjson
jaq	jaq -nc 'reduce inputs as $r ({}; .[$r["id.resp_h"]] |= {n: (.n + 1), ids: (.ids + $r.trans_id)}) | to_entries | sort_by(.key)[] | {"id.resp_h": .key, n: .value.n, ids: .value.ids}' dns.ndjson
duckdb	duckdb -c "COPY (SELECT \"id.resp_h\", count(*) AS n, sum(trans_id)::BIGINT AS ids FROM read_json('dns.ndjson', format='newline_delimited', columns={\"id.resp_h\": 'VARCHAR', trans_id: 'BIGINT'}) GROUP BY 1 ORDER BY 1) TO '/dev/stdout' (FORMAT json)"
END

task csv "\$PIPE run -e 'csv.parse | where: hour >= 12 | map: {slot: month * 100 + day} | group: {by: origin, count: n, sum: {slots: slot}} | csv.format' weather.csv" <<'END'
mawk	mawk -F, 'NR > 1 && $5 >= 12 {n[$1]++; s[$1] += $3 * 100 + $4} END {print "origin,n,slots"; for (k in n) printf "%s,%d,%d\n", k, n[k], s[k] | "sort"}' weather.csv
gawk	gawk -F, 'NR > 1 && $5 >= 12 {n[$1]++; s[$1] += $3 * 100 + $4} END {print "origin,n,slots"; for (k in n) printf "%s,%d,%d\n", k, n[k], s[k] | "sort"}' weather.csv
duckdb	duckdb -c "COPY (SELECT origin, count(*) AS n, sum(month * 100 + day)::BIGINT AS slots FROM read_csv('weather.csv') WHERE hour >= 12 GROUP BY 1 ORDER BY 1) TO '/dev/stdout' (FORMAT csv)"
mlr	mlr --icsv --ocsv filter '$hour >= 12' then put '$slot = $month * 100 + $day' then stats1 -a count,sum -f slot -g origin then rename slot_count,n,slot_sum,slots then sort -f origin weather.csv
END
if [ -f reviews.csv ]; then
  task csv-narrow "\$PIPE run -e 'csv.parse | where: rating > 2 | map: {score: rating * rating} | group: {by: vendorId, count: n, sum: {scores: score}} | csv.format' reviews.csv" <<'END'
mawk	mawk -F, 'NR > 1 && $3 > 2 {n[$2]++; s[$2] += $3 * $3} END {print "vendorId,n,scores"; for (k in n) printf "%s,%d,%d\n", k, n[k], s[k] | "sort -t, -k1,1"}' reviews.csv
END
fi
