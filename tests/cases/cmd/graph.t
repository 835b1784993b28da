# `graph` draws what will run
$ pipe graph examples/top-hosts.yaml
> top-hosts
>   io.read        -> text.regex
>   text.regex     -> top
>   top (agg.top)  -> io.stdout
>   io.stdout
exit 0
$ pipe graph --format mermaid examples/top-hosts.yaml
> flowchart LR
>   s0["io.read"]
>   s1["text.regex"]
>   s2["top<br>agg.top"]
>   s3["io.stdout"]
>   s0 --> s1
>   s1 --> s2
>   s2 --> s3
exit 0
$ pipe graph --format dot -e 'text.grep: a | head: 3'
> digraph "pipeline" {
>   rankdir=LR;
>   node [shape=box];
>   s0 [label="io.stdin", style=dashed];
>   s1 [label="text.grep"];
>   s2 [label="head\nflow.head"];
>   s3 [label="io.stdout", style=dashed];
>   s0 -> s1;
>   s1 -> s2;
>   s2 -> s3;
> }
exit 0
$ pipe graph -e 'text.gerp: a'
! -e:1:1: error: plugin 'text' has no stage 'gerp'
! 1 | text.gerp: a
!   | ^^^^^^^^^ did you mean 'text.grep'?
exit 2
