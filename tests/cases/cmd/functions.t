# `functions` explains the language of expressions, and one function
$ pipe functions | grep -e '??' -e '^Functions' -e substr
>   ??…the left side, the right one where that is null
> Functions: text
>   substr(text, start, length?)…
> Functions: patterns
> Functions: numbers
> …
$ pipe functions pad
> pad(text, width, fill?)
>   The text filled up to a width, behind it, or before it if the width is negative.
>
> Example
>   pad(7, -3, "0")
>   is 007
$ pipe functions padd
! pipe functions: there is no function 'padd'; did you mean 'pad'?
exit 2
