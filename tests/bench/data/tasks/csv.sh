# csv.sh: CSV filtered, a column computed, grouped. awk and datamash know no quotes; there are none.

awk='NR > 1 && $5 >= 12 {n[$1]++; s[$1] += $3 * 100 + $4} END {print "origin,n,slots"; for (k in n) printf "%s,%d,%d\n", k, n[k], s[k] | "sort"}'
export awk
task csv weather.csv "\$PIPE run -e 'csv.parse | where: hour >= 12 | map: {slot: month * 100 + day} | group: {by: origin, count: n, sum: {slots: slot}} | csv.format' weather.csv" <<'END'
bare	bare csv weather.csv
mawk	mawk -F, "$awk" weather.csv
gawk	gawk -F, "$awk" weather.csv
goawk	goawk -F, "$awk" weather.csv
datamash+mawk	mawk -F, 'NR > 1 && $5 >= 12 {print $1 "," $3 * 100 + $4}' weather.csv | datamash -st, -g1 count 2 sum 2 | sed '1i origin,n,slots'
duckdb	duckdb -c "COPY (SELECT origin, count(*) AS n, sum(month * 100 + day)::BIGINT AS slots FROM read_csv('weather.csv') WHERE hour >= 12 GROUP BY 1 ORDER BY 1) TO '/dev/stdout' (FORMAT csv)"
mlr	mlr --icsv --ocsv filter '$hour >= 12' then put '$slot = $month * 100 + $day' then stats1 -a count,sum -f slot -g origin then rename slot_count,n,slot_sum,slots then sort -f origin weather.csv
sqlite3	sqlite3 -csv :memory: '.import weather.csv w' 'SELECT origin, count(*), sum(month * 100 + day) FROM w WHERE CAST(hour AS INTEGER) >= 12 GROUP BY 1 ORDER BY 1' | sed '1i origin,n,slots' | tr -d '\r'
END
task csv-narrow reviews.csv "\$PIPE run -e 'csv.parse | where: rating > 2 | map: {score: rating * rating} | group: {by: vendorId, count: n, sum: {scores: score}} | csv.format' reviews.csv" <<'END'
mawk	mawk -F, 'NR > 1 && $3 > 2 {n[$2]++; s[$2] += $3 * $3} END {print "vendorId,n,scores"; for (k in n) printf "%s,%d,%d\n", k, n[k], s[k] | "sort -t, -k1,1"}' reviews.csv
duckdb	duckdb -c "COPY (SELECT vendorId, count(*) AS n, sum(rating * rating)::BIGINT AS scores FROM read_csv('reviews.csv') WHERE rating > 2 GROUP BY 1 ORDER BY vendorId::VARCHAR) TO '/dev/stdout' (FORMAT csv)"
END
