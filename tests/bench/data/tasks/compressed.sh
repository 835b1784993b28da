# compressed.sh: lines found in compressed files.

task gz-grep access.log.gz "\$PIPE run -e 'text.grep: {pattern: robots.txt, fixed: true}' access.log.gz" <<'END'
igzip+grep	igzip -dc access.log.gz | grep -F robots.txt
igzip+rg	igzip -dc access.log.gz | rg -F robots.txt
pigz+grep	pigz -dc access.log.gz | grep -F robots.txt
zgrep	zgrep -F robots.txt access.log.gz
rg	rg -zF robots.txt access.log.gz
ugrep	ugrep -zF robots.txt access.log.gz
END
task zst-grep access.log.zst "\$PIPE run -e 'text.grep: {pattern: robots.txt, fixed: true}' access.log.zst" <<'END'
zstd+grep	zstd -qdc access.log.zst | grep -F robots.txt
zstd+rg	zstd -qdc access.log.zst | rg -F robots.txt
rg	rg -zF robots.txt access.log.zst
ugrep	ugrep -zF robots.txt access.log.zst
END
