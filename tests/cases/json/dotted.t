# of a dotted name the longest leading part that is a member of exactly that name, the rest a path
$ pipe run -e 'json.parse | csv.format: [a.b.c]'
< {"a":{"b":{"c":1}}}
< {"a":{"b":{"c":1}},"a.b":{"c":2}}
< {"a.b.c":3,"a.b":{"c":2},"a":{"b":{"c":1}}}
< {"a.b":{"x":1},"a":{"b":{"c":1}}}
< {"a":7}
> a.b.c
> 1
> 2
> 3
> ""
> ""
# a longer name that leads to nothing hides what a shorter one leads to, whichever stands first
$ pipe run -e "json.parse | text.format: '{a.b.c}.'"
< {"a":{"b":{"c":2}},"a.b":"x"}
< {"a.b":"x","a":{"b":{"c":2}}}
< {"a":{"b":{"c":2}},"a.b":{"d":1},"k":"\u0061"}
< {"a":{"b":{"c":2}},"a.b":{"c":3}}
> .
> .
> .
> 3.
