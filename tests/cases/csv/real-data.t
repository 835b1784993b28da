# tables of real data survive parsing and writing; CRLF becomes LF
$ pipe run -e 'csv.parse | csv.format' examples/data/weather.csv | cmp - examples/data/weather.csv
$ tr -d '\r' < examples/data/birdstrikes.csv > lf.csv; pipe run -e 'csv.parse | csv.format' examples/data/birdstrikes.csv | cmp - lf.csv
$ pipe run -e 'csv.parse | count: `Wildlife Size`' examples/data/birdstrikes.csv
> …
