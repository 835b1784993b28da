# the completion scripts are sound for their shells and know every verb
$ pipe completion bash > pipe.bash && bash -n pipe.bash
$ bash -c '. ./pipe.bash; COMP_WORDS=(pipe che); COMP_CWORD=1; _pipe; echo "${COMPREPLY[@]}"'
> check
$ bash -c '. ./pipe.bash; COMP_WORDS=(pipe run --log-); COMP_CWORD=2; _pipe; echo "${COMPREPLY[@]}"'
> --log-level --log-format
$ bash -c '. ./pipe.bash; COMP_WORDS=(pipe run --log-format j); COMP_CWORD=3; _pipe; echo "${COMPREPLY[@]}"'
> json
$ bash -c '. ./pipe.bash; COMP_WORDS=(pipe run --log-format =); COMP_CWORD=3; _pipe; echo "${COMPREPLY[@]}"; COMP_WORDS=(pipe run --log-format = j); COMP_CWORD=4; _pipe; echo "${COMPREPLY[@]}"'
> text json
> json
$ bash -c '. ./pipe.bash; COMP_WORDS=(pipe stages text.gr); COMP_CWORD=2; _pipe; echo "${COMPREPLY[@]}"'
> text.grep
$ for shell in zsh fish; do pipe completion $shell | grep -c . >/dev/null || echo "$shell: empty"; done
$ bash -c '. ./pipe.bash; COMP_WORDS=(pipe functions replace_); COMP_CWORD=2; _pipe; echo "${COMPREPLY[@]}"'
> replace_regex
$ for shell in zsh fish; do pipe completion $shell | grep -c replace_regex; done
> 1
> 1
# a folder that is called like a word changes nothing, and a file's name may hold blanks
$ mkdir test 'a b'; touch 'a c.yaml'; bash -c '. ./pipe.bash; COMP_WORDS=(pipe te); COMP_CWORD=1; _pipe; echo "${COMPREPLY[@]}"; complete -p pipe'
> test
> complete -F _pipe pipe
$ bash -c '. ./pipe.bash; COMP_WORDS=(pipe check a); COMP_CWORD=2; _pipe; printf "%s\n" "${COMPREPLY[@]}"' | sort
> a b
> a c.yaml
