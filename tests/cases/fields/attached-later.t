# what is attached to a changed record is no part of its bytes either, whoever has asked for them; the next change prints it
file changed.sh
  rm -f first
  for defaults in '{}' '{batch: {records: 1}}' '{batch: {bytes: 1KiB}, memory: 1MiB, workers: 3}'; do
    printf 'defaults: %s\nstages:\n' "$defaults" > changed.yaml
    printf '  - %s\n' "text.regex: '(?<n>[0-9])'" 'map: {x: n + 1}' "$@" >> changed.yaml
    printf 'a1\nb2\nc3\n' | pipe run changed.yaml > out || exit
    [ -e first ] || cp out first
    cmp first out || exit
  done
  cat first
$ sh changed.sh "text.regex: '(?<y>.)}$'" 'where: y < 4'
> {"n":1,"x":2}
> {"n":2,"x":3}
$ sh changed.sh "text.regex: '(?<y>.)}$'" 'sort: -y'
> {"n":3,"x":4}
> {"n":2,"x":3}
> {"n":1,"x":2}
$ sh changed.sh "text.regex: '(?<y>.)}$'" 'sort: -y' 'map: {z: y * 2}'
> {"n":3,"x":4,"y":4,"z":8}
> {"n":2,"x":3,"y":3,"z":6}
> {"n":1,"x":2,"y":2,"z":4}
$ sh changed.sh "text.regex: '(?<y>.)}$'" 'tail: 2' 'json.format:'
> {"n":2,"x":3,"y":3}
> {"n":3,"x":4,"y":4}
$ sh changed.sh "text.regex: '(?<y>.)}$'" 'fields.drop: [n]' "text.regex: '(?<w>.)}$'" 'where: w > 2'
> {"x":3,"y":3}
> {"x":4,"y":4}
