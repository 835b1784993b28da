# sort.sh: a table sorted by two numeric keys, lines by their bytes; the distinct keys of a table. 150 MB are 5.2 million rows.

task sort reviews.csv "\$PIPE run -e 'csv.parse | sort: [vendorId, reviewerId] | csv.format' reviews.csv" <<'END'
sort	head -n 1 reviews.csv; tail -n +2 reviews.csv | sort -s -t, -k2,2n -k1,1n
duckdb*	duckdb -c "COPY (SELECT * FROM read_csv('reviews.csv', types={date: 'VARCHAR'}) ORDER BY vendorId, reviewerId) TO '/dev/stdout' (FORMAT csv)"
END

task sort-lines access.log "\$PIPE run -e sort access.log" <<'END'
sort	sort access.log
sort in 64 MiB	sort -S 64M access.log
END

task distinct reviews.csv "\$PIPE run -e 'csv.parse | distinct: reviewerId | text.format: \"{reviewerId}\"' reviews.csv" <<'END'
gawk	gawk -F, 'NR > 1 && !seen[$1]++ {print $1}' reviews.csv
mawk	mawk -F, 'NR > 1 && !seen[$1]++ {print $1}' reviews.csv
sort behind cut*	tail -n +2 reviews.csv | cut -d, -f1 | sort -u
duckdb*	duckdb -c "COPY (SELECT DISTINCT reviewerId FROM read_csv('reviews.csv', types={date: 'VARCHAR'})) TO '/dev/stdout' (FORMAT csv, HEADER false)"
END
