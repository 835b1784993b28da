# a quote that is not closed, and text behind one that is
$ pipe run -e 'csv.parse | json.format'
< a,b
< 1,"x
< 2,y
! …line 2: a quoted field is not closed…
exit 1
$ pipe run -e 'csv.parse | json.format'
< a,b
< "x"y,2
! …line 2: a quoted field goes on behind its closing quote…
exit 1
