# the ten busiest addresses, as awk and sort find them
$ pipe run -e 'text.split: {separator: " ", names: [ip]} | top: {by: ip, limit: 10} | text.format: "{count} {ip}"' examples/data/access.log > mine
$ cut -d' ' -f1 examples/data/access.log | LC_ALL=C sort | uniq -c | LC_ALL=C sort -k1,1nr -k2 | head -10 | sed 's/^ *//' | diff - mine
