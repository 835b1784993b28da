# `stages` lists the stages and explains one
$ pipe stages | grep text.grep
> text.grep…Keep the records that match a pattern.
$ pipe stages text.grep
> text.grep: Keep the records that match a pattern.
>
> A map stage: a worker on each processor, output in the order of the input.
> Ports: reads in; writes out.
>
> Options
>   pattern: a pattern; may stand right behind the type
> …
>   invert: true or false; default false
> …
> Example
>   $ pipe run -e …
> …
$ pipe stages text.gerp
! pipe stages: there is no stage 'text.gerp'; did you mean 'text.grep'?
exit 2
$ pipe stages --format names | grep -x where
> where
# every stage has an example, which the tests run; one that -e cannot say is a file
$ for s in $(pipe stages --format names | grep -v '^probe'); do pipe stages "$s" | grep -q '^Example' || echo "$s has none"; done
$ pipe stages route | sed -n '/^Example/,$p' | head -n 4
> Example
>   $ cat route.yaml
>   > stages:
>   >   - json.parse
