# a number that the plugin's member cannot hold is a fault of the option, not another number
$ pipe run -e 'probe.narrow: {whole: -2147483648, large: 9223372036854775807, maybe: 4294967295, list: [-128, 127], map: {a: 65535}, few: 3}'
< x
> -2147483648 9223372036854775807 4294967295 -128 127 a=65535 3
exit 0
$ pipe check -e 'probe.narrow: {whole: 5000000000}'
! -e:1:23: error: option 'whole' of probe.narrow must be -2147483648 to 2147483647, not 5000000000
! …
! …
exit 2
