# text.replace: a group that the pattern does not have is found before anything runs
$ pipe run -e 'text.replace: {pattern: "(a)", with: "$2"}'
< a
! …error: …the pattern has no group '2'; it has 1
! …
exit 2
$ pipe run -e 'text.replace: {pattern: a, with: "costs $"}'
< a
! …error: …a dollar stands before a group ($1, ${name}); $$ is a dollar
! …
exit 2
