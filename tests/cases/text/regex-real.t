# the parts of the lines of an access log, and the lines with a part replaced, as sed gives them
file parts.yaml
  stages:
    - io.read: ${1}
    - text.regex: '^(?<ip>\S+) \S+ \S+ \[(?<at>[^]]+)\] "(?<verb>\S+) (?<path>\S+)[^"]*" (?<status>\d+) (?<size>\S+)'
    - text.format: '{ip}\t{at}\t{verb}\t{path}\t{status}\t{size}'
$ pipe run parts.yaml examples/data/access.log > mine
$ LC_ALL=C sed -E 's/^(\S+) \S+ \S+ \[([^]]+)\] "(\S+) (\S+)[^"]*" ([0-9]+) (\S+).*/\1\t\2\t\3\t\4\t\5\t\6/' examples/data/access.log | cmp - mine
$ pipe run -e 'text.replace: {pattern: "([0-9]+)[.]([0-9]+)[.]([0-9]+)[.][0-9]+", with: "$1.$2.$3.x"}' examples/data/access.log > mine
$ LC_ALL=C sed -E 's/([0-9]+)[.]([0-9]+)[.]([0-9]+)[.][0-9]+/\1.\2.\3.x/g' examples/data/access.log | cmp - mine
