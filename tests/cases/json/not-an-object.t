# a record that is JSON but no object is an error
$ pipe run -e 'json.parse'
< [1,2]
! …the record is an array, not an object…
exit 1
$ pipe run -e 'json.parse'
< 17
! …the record is a number, not an object…
exit 1
