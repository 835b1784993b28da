# json.sh: JSON lines filtered and grouped.

pick='select(.rtt > 0.1) | {ts, "id.orig_h", query}'
export pick
task json-filter dns.ndjson "\$PIPE run -e 'json.parse | where: rtt > 0.1 | json.format: [ts, id.orig_h, query]' dns.ndjson" <<'END'
bare	bare json-filter dns.ndjson
jq	jq -c "$pick" dns.ndjson
jaq	jaq -c "$pick" dns.ndjson
rg+jq	rg '"rtt":(0\.[1-9]|[1-9])' dns.ndjson | jq -c "$pick"
parallel+jq	parallel --pipepart -k -a dns.ndjson --block -1 jq -c "'$pick'"
duckdb	duckdb -c "COPY (SELECT ts, \"id.orig_h\", query FROM read_json('dns.ndjson', format='newline_delimited', columns={ts: 'VARCHAR', \"id.orig_h\": 'VARCHAR', query: 'VARCHAR', rtt: 'DOUBLE'}) WHERE rtt > 0.1) TO '/dev/stdout' (FORMAT json)"
mlr	mlr --ijsonl --ojsonl --no-auto-unflatten filter 'is_present($rtt) && $rtt > 0.1' then cut -o -f ts,id.orig_h,query dns.ndjson | sed 's/": /":/g; s/, "/,"/g'
END

group='reduce inputs as $r ({}; .[$r["id.resp_h"]] |= {n: (.n + 1), ids: (.ids + $r.trans_id)}) | to_entries | sort_by(.key)[] | {"id.resp_h": .key, n: .value.n, ids: .value.ids}'
export group
task json-group dns.ndjson "\$PIPE run -e 'json.parse | group: {by: id.resp_h, count: n, sum: {ids: trans_id}}' dns.ndjson" <<'END'
jq	jq -nc "$group" dns.ndjson
jaq	jaq -nc "$group" dns.ndjson
duckdb	duckdb -c "COPY (SELECT \"id.resp_h\", count(*) AS n, sum(trans_id)::BIGINT AS ids FROM read_json('dns.ndjson', format='newline_delimited', columns={\"id.resp_h\": 'VARCHAR', trans_id: 'BIGINT'}) GROUP BY 1 ORDER BY 1) TO '/dev/stdout' (FORMAT json)"
mlr	mlr --ijsonl --ojsonl --no-auto-unflatten stats1 -a count,sum -f trans_id -g id.resp_h then rename trans_id_count,n,trans_id_sum,ids then sort -f id.resp_h dns.ndjson | sed 's/": /":/g; s/, "/,"/g'
END
