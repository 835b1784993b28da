# a value keeps its spelling where nothing changes it, whatever else is in the batch
file lines
  {"a":"\u00e9\/"}
  {"b":1,"a":null}
  {"a":"\u00e9","a":2}
$ for n in 1 3; do printf 'defaults: {batch: {records: %d}}\nstages: [{io.read: lines}, json.parse: {}, fields.fill: {a: 7}]\n' $n >c.yaml; pipe run c.yaml; done
> {"a":"\u00e9\/"}
> {"b":1,"a":7}
> {"a":"\u00e9","a":2}
> {"a":"\u00e9\/"}
> {"b":1,"a":7}
> {"a":"\u00e9","a":2}
