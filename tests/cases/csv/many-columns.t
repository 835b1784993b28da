# many columns and many headers: fields keep their order, through changes and a sort
file wide.awk
  BEGIN {
    for (c = 0; c < 70; c++) printf "%sc%d", c ? "," : "", c
    print ""
    for (r = 0; r < 3; r++) { for (c = 0; c < 70; c++) printf "%s%d", c ? "," : "", (r * 7 + c) % 10; print "" }
  }
file unlike.awk
  BEGIN {
    for (f = 0; f < 20; f++) {
      name = "f" f ".csv"
      for (c = 0; c < 4; c++) printf "f%dc%d,", f, c > name
      print "k" > name
      for (r = 0; r < 2; r++) { for (c = 0; c < 4; c++) printf "%d,", r + c > name; print 100 - f > name }
    }
  }
file fields.awk
  BEGIN {
    for (r = 0; r < 3; r++) {
      printf "{"
      for (c = 0; c < 70; c++) { k = r % 2 ? 69 - c : c; printf "%s\"c%d\":%d", c ? "," : "", k, (r * 7 + k) % 10 }
      print "}"
    }
  }
$ awk -f wide.awk | pipe run -e 'csv.parse | where: c1 == 8 | json.format'
> {"c0":7,"c1":8,"c2":9,"c3":0,"c4":1,"c5":2,"c6":3,"c7":4,"c8":5,"c9":6,"c10":7,"c11":8,"c12":9,"c13":0,"c14":1,"c15":2,"c16":3,"c17":4,"c18":5,"c19":6,"c20":7,"c21":8,"c22":9,"c23":0,"c24":1,"c25":2,"c26":3,"c27":4,"c28":5,"c29":6,"c30":7,"c31":8,"c32":9,"c33":0,"c34":1,"c35":2,"c36":3,"c37":4,"c38":5,"c39":6,"c40":7,"c41":8,"c42":9,"c43":0,"c44":1,"c45":2,"c46":3,"c47":4,"c48":5,"c49":6,"c50":7,"c51":8,"c52":9,"c53":0,"c54":1,"c55":2,"c56":3,"c57":4,"c58":5,"c59":6,"c60":7,"c61":8,"c62":9,"c63":0,"c64":1,"c65":2,"c66":3,"c67":4,"c68":5,"c69":6}
exit 0
$ awk -f wide.awk | pipe run -e 'csv.parse | map: {c2: 5, new: c3 + c69} | fields.keep: [new, c69, c2, c70] | sort: -new'
> {"c2":5,"c69":9,"new":12}
> {"c2":5,"c69":3,"new":10}
> {"c2":5,"c69":6,"new":6}
exit 0
$ awk -f wide.awk | pipe run -e 'csv.parse | fields.rename: {c69: c0} | fields.drop: [c5] | sort: -c0 | fields.keep: [c68, c0, c1, c5]'
> {"c1":1,"c68":8,"c0":9}
> {"c1":8,"c68":5,"c0":6}
> {"c1":5,"c68":2,"c0":3}
exit 0
$ awk -f unlike.awk; pipe run -e 'io.read: [f0.csv, f1.csv, f2.csv, f3.csv, f4.csv, f5.csv, f6.csv, f7.csv, f8.csv, f9.csv, f10.csv] | csv.parse | {sort: k, memory: 64KiB} | json.format' | head -n 4
> {"k":90,"f10c0":0,"f10c1":1,"f10c2":2,"f10c3":3}
> {"k":90,"f10c0":1,"f10c1":2,"f10c2":3,"f10c3":4}
> {"k":91,"f9c0":0,"f9c1":1,"f9c2":2,"f9c3":3}
> {"k":91,"f9c0":1,"f9c1":2,"f9c2":3,"f9c3":4}
exit 0
# of JSON records, in orders of their own
$ awk -f fields.awk > wide.ndjson; awk -f wide.awk > wide.csv; pipe run -e 'json.parse | csv.format' wide.ndjson | cmp - wide.csv
$ awk -f fields.awk | pipe run -e 'json.parse | flow.batch: 3 | {csv.format: {}, on_error: skip}' | cmp - wide.csv
$ { head -n 1 wide.ndjson; sed '2!d; s/{/{"new":5,/' wide.ndjson; } | pipe run -e 'json.parse | flow.batch: 3 | {csv.format: {}, on_error: skip}' | wc -l
> 2
! …the field 'new' is not among the columns of the first record (c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, …); name all of them with `columns`…
$ awk -f fields.awk | pipe run -e 'json.parse | flow.batch: 3 | map: {c69: c0 + 100} | csv.format: [c0, c69]'
> c0,c69
> 0,100
> 7,107
> 4,104
exit 0
