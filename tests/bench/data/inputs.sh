# inputs.sh: the inputs, each made when the first task asks for it. Needs $samples, $root, $megabytes.

# sample CUT NAME: the sample of that name out of the folder, else the project's own cut.
sample() {
  if [ -f "$samples/$2" ]; then cat "$samples/$2"
  elif [ -f "$samples/$2.zst" ]; then zstd -qdc "$samples/$2.zst"
  elif [ -n "$1" ]; then cat "$root/examples/data/$1"
  fi
}
# repeat FILE HEADERS: the sample on standard input, its lines behind the first HEADERS ones again and again, up to the size.
repeat() {
  local bytes size=$((megabytes * 1000000)) i
  cat >sample
  tail -n +$(($2 + 1)) sample >body
  bytes=$(stat -c %s body)
  if [ "$bytes" -gt 0 ]; then
    head -n "$2" sample >"$1"
    for ((i = size / bytes; i > 0; i--)); do cat body; done >>"$1"
    head -c $((size % bytes)) body | sed '$d' >>"$1"
  fi
  rm sample body
}

# need FILE...: fails if one of them cannot be made.
need() {
  local file
  for file; do
    [ -f "$file" ] || case $file in
      access.log) sample access.log apache_logs | repeat access.log 0 ;;
      access.log.gz) need access.log && gzip -k access.log ;;
      access.log.zst) need access.log && zstd -qk access.log ;;
      some.log) need access.log && head -n $((megabytes * 1000)) access.log >some.log ;;
      numbers.txt) seq 10000 >numbers.txt ;;
      dns.ndjson) sample dns.ndjson zeek-dns.ndjson | repeat dns.ndjson 0 ;;
      weather.csv) sample weather.csv weather.csv | repeat weather.csv 1 ;;
      reviews.csv) sample '' anonreviews.csv | tr -d '\r' | repeat reviews.csv 1 ;;
    esac
    [ -f "$file" ] || return 1
  done
}
