# a table with quoted fields survives parsing and writing byte for byte
$ pipe run -e 'csv.parse | csv.format' $DATA/birdstrikes.csv | cmp - $DATA/birdstrikes.csv
$ pipe run -e 'csv.parse | agg.count: [`Wildlife Size`]' $DATA/birdstrikes.csv
> …
