# processes.sh: work that shells give to many processes, with the order kept.

# A checksum over the characters of each line. awk knows no codes, only a table of them.
awk='BEGIN {for (i = 1; i < 256; i++) code[sprintf("%c", i)] = i} {h = 0; n = length($0); for (i = 1; i <= n; i++) h = (h * 31 + code[substr($0, i, 1)]) % 1000003; print h, $7}'
cat >checksum.yaml <<'END'
stages:
  - io.read: some.log
  - lua.map: |
      local h = 0
      for i = 1, #text do h = (h * 31 + text:byte(i)) % 1000003 end
      return h .. ' ' .. text:match('^%S+ %S+ %S+ %S+ %S+ %S+ (%S*)')
END
export awk
task cpu some.log "\$PIPE run checksum.yaml" <<'END'
parallel+mawk pipepart	parallel --pipepart -k -a some.log --block -1 mawk "'$awk'"
parallel+mawk pipe	parallel --pipe -k --block 4M mawk "'$awk'" <some.log
mawk	mawk "$awk" some.log
END

task children numbers.txt "\$PIPE run -e 'exec.each: [echo, \"number {}\"]' numbers.txt" <<'END'
parallel	parallel -k -a numbers.txt echo number
xargs*	xargs -P2 -I{} echo 'number {}' <numbers.txt
bash loop	while read -r n; do /bin/echo "number $n"; done <numbers.txt
END
