# columns of a table are kept, dropped and renamed as by cut and sed
$ pipe run -e 'csv.parse | fields.keep: [origin, temp, time_hour] | csv.format' examples/data/weather.csv > mine
$ cut -d, -f1,6,15 examples/data/weather.csv | cmp - mine
$ pipe run -e 'csv.parse | fields.drop: [year, month, day, hour] | fields.rename: {origin: airport} | csv.format' examples/data/weather.csv > mine
$ cut -d, -f1,6- examples/data/weather.csv | sed '1s/^origin/airport/' | cmp - mine
