# counts, sums, least and greatest values of real data, by two keys, as awk finds them
$ pipe run -e 'csv.parse | group: {by: [origin, month], count: n, sum: {s: wind_dir}, min: {least: visib}, max: {most: visib}} | csv.format' examples/data/weather.csv > mine
$ LC_ALL=C awk -F, 'NR > 1 {
    k = $1 "," $3; n[k]++
    if ($9 != "NA") s[k] += $9
    if (!(k in least) || $14 < least[k]) least[k] = $14
    if (!(k in most) || $14 > most[k]) most[k] = $14
  } END { for (k in n) print k "," n[k] "," s[k] "," least[k] "," most[k] }' examples/data/weather.csv | LC_ALL=C sort -t, -k1,1 -k2,2 | sed '1i origin,month,n,s,least,most' | diff - mine && wc -l < mine
> 37
