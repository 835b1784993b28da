// cases.hpp: expressions, fields and results, a case a line: EXPRESSION ;; name=kind:value|name=… ;; RESULT [;; misses]
#pragma once

namespace test {

inline const char* const expression_cases = R"~(
null ;; ;; null
true ;; ;; true
42 ;; ;; 42
-42 ;; ;; -42
1.5e3 ;; ;; 1500
2.50 ;; ;; 2.5
9223372036854775807 ;; ;; 9223372036854775807
9223372036854775808 ;; ;; 9223372036854775808
-9223372036854775808 ;; ;; -9223372036854775808
"a\tb\\c\"d\d" ;; ;; "a	b\c"d\d"
'raw\n"x"' ;; ;; "raw\n"x""
[1, "a", null, true] ;; ;; [1,"a",null,true]
[] ;; ;; []
[1, 2,] ;; ;; [1,2]
x ;; x=i:5 ;; 5
x ;; ;; null
x ;; x=n ;; null
id.orig_h ;; id.orig_h=s:1.2.3.4 ;; "1.2.3.4"
a.b ;; a=j:{"b":7} ;; 7
a.b.c ;; a=j:{"b":{"c":"x"}} ;; "x"
a.b.c ;; a.b=j:{"c":2}|a=j:{"b":{"c":1}} ;; 2
`odd name` ;; odd name=i:3 ;; 3
`odd name`.b ;; odd name=j:{"b":1} ;; 1
field("odd name") + 1 ;; odd name=i:3 ;; 4
tags[0] ;; tags=j:["x","y"] ;; "x"
tags[-1] ;; tags=j:["x", "y"] ;; "y"
tags[2] ;; tags=j:["x","y"] ;; null
tags[-3] ;; tags=j:["x","y"] ;; null
tags[0].k ;; tags=j:[{"k":"v"}] ;; "v"
tags["a b"] ;; tags=j:{"a b":1.50} ;; 1.50
a[1][0] ;; a=j:[[1],[2,3]] ;; 2
a.b[1] ;; a=j:{"b":[1,{"c":2}]} ;; {"c":2}
x[0] ;; x=s:text ;; null
1 + 2 * 3 ;; ;; 7
(1 + 2) * 3 ;; ;; 9
10 - 4 - 3 ;; ;; 3
2 * 3 % 4 ;; ;; 2
6 / 2 ;; ;; 3
7 / 2 ;; ;; 3.5
7 // 2 ;; ;; 3
-7 // 2 ;; ;; -4
7 // -2 ;; ;; -4
-7 % 3 ;; ;; 2
7 % -3 ;; ;; -2
7.5 // 2 ;; ;; 3
-7.5 % 2 ;; ;; 0.5
1 / 0 ;; ;; null
1 // 0 ;; ;; null
1 % 0 ;; ;; null
x / 0 ;; x=i:1 ;; null ;; 0
x // 0 ;; x=i:1 ;; null
x % 0.0 ;; x=i:1 ;; null
- -3 ;; ;; 3
-x ;; x=i:-9223372036854775808 ;; 9223372036854775808
x // -1 ;; x=i:-9223372036854775808 ;; 9223372036854775808
x % -1 ;; x=i:-9223372036854775808 ;; 0
x + 1 ;; x=i:9223372036854775807 ;; 9223372036854775808
x * 2 ;; x=i:9007199254740993 ;; 18014398509481986
x + y ;; x=i:9007199254740993|y=i:0 ;; 9007199254740993
x - y ;; x=i:-9223372036854775808|y=i:1 ;; -9223372036854775808
x * 1e308 ;; x=f:10 ;; null
x + 1 ;; x=f:1.5 ;; 2.5
x + 1 ;; x=w:41 ;; 42
x + 1 ;; x=w:1.5 ;; 2.5
x + 1 ;; x=w:041 ;; null ;; 1
x + 1 ;; x=w:0x1F ;; null ;; 1
x + 1 ;; x=w:nan ;; null ;; 1
x + 1 ;; x=s:41 ;; null ;; 1
x + 1 ;; ;; null ;; 1
x + 1 ;; x=n ;; null ;; 1
x + 1 ;; x=b:1 ;; null ;; 1
x + y ;; x=w:a|y=w:b ;; null ;; 1
x + y ;; x=w:2|y=w:3 ;; 5
x + "!" ;; x=w:2 ;; "2!"
"n=" + x ;; x=i:5 ;; "n=5"
"n=" + x ;; x=f:1.50 ;; "n=1.50"
"n=" + x ;; ;; null ;; 1
"a" + 1 + 2 ;; ;; "a12"
1 + 2 + "a" ;; ;; "3a"
x + y + "a" ;; x=i:1|y=i:2 ;; "3a"
lower(x) + y ;; x=s:A|y=i:2 ;; "a2"
"" + tags ;; tags=j:[1, 2] ;; "[1, 2]"
"" + true ;; ;; "true"
1 < 2 ;; ;; true
1.5 >= 1.5 ;; ;; true
x > 3 ;; x=i:5 ;; true
3 < x ;; x=i:5 ;; true
3 > x ;; x=i:5 ;; false
x >= 4.5 ;; x=i:5 ;; true
x < 5.5 ;; x=i:5 ;; true
x > 3 ;; x=w:5 ;; true
x > 3 ;; x=w:abc ;; false ;; 1
x > 3 ;; x=s:5 ;; false ;; 1
x > 3 ;; ;; false ;; 1
x > 3 ;; x=n ;; false ;; 1
x <= 3 ;; x=b:1 ;; false ;; 1
x == 9007199254740993 ;; x=i:9007199254740993 ;; true
x == 9007199254740992 ;; x=i:9007199254740993 ;; false
x == 9007199254740992.0 ;; x=i:9007199254740993 ;; false
x > 9007199254740992.0 ;; x=i:9007199254740993 ;; true
x < 9223372036854775807 ;; x=f:9223372036854775808 ;; false
x == y ;; x=i:1|y=f:1.0 ;; true
x == 1234 ;; x=w:1234 ;; true
x == 1234 ;; x=w:1234.0 ;; true
x == "1234" ;; x=w:1234.0 ;; false
x == "1234.0" ;; x=w:1234.0 ;; true
x == 1234 ;; x=w:01234 ;; false
x == "01234" ;; x=w:01234 ;; true
x == "5" ;; x=i:5 ;; false
x == 5 ;; x=s:5 ;; false ;; 0
x != 5 ;; x=s:5 ;; true ;; 0
x == null ;; ;; true ;; 0
x == null ;; x=n ;; true
x != null ;; x=i:1 ;; true
x != 3 ;; ;; true ;; 0
null == null ;; ;; true
x == y ;; ;; true ;; 0
x == true ;; x=b:1 ;; true
x == false ;; x=i:0 ;; false
x == y ;; x=w:1.0|y=w:1 ;; true
x == y ;; x=w:a|y=w:a ;; true
x < y ;; x=w:9|y=w:10 ;; true
x < y ;; x=w:9|y=w:a ;; true
x < y ;; x=s:9|y=s:10 ;; false
x < y ;; x=w:9|y=s:10 ;; false
x < "b" ;; x=w:a ;; true
x < "10" ;; x=w:9 ;; false
x >= "é" ;; x=s:z ;; false
x < y ;; x=b:0|y=b:1 ;; true
x == [1, 2] ;; x=j:[1, 2] ;; true
x == y ;; x=j:{"a": 1}|y=j:{"a":1} ;; true
x < y ;; x=j:[1]|y=j:[2] ;; false ;; 1
true and false ;; ;; false
true or false ;; ;; true
not true ;; ;; false
!true || true && true ;; ;; true
x and true ;; ;; false ;; 1
x or true ;; ;; true ;; 1
not x ;; ;; true ;; 1
x and true ;; x=i:1 ;; false ;; 1
x != null and x > 3 ;; ;; false ;; 0
x == null or x > 3 ;; ;; true ;; 0
x > 3 and x < 9 or x == 1 ;; x=i:1 ;; true
not x > 3 ;; x=i:1 ;; true
x ?? 5 ;; ;; 5
x ?? 5 ;; x=i:1 ;; 1
x ?? y ?? 7 ;; y=n ;; 7
(x ?? 0) + 1 ;; ;; 1
x ?? 0 == 0 ;; ;; true
x + 1 ?? 9 ;; ;; 9 ;; 1
x in [1, 2] ;; x=i:2 ;; true
x in [1, 2] ;; x=w:2 ;; true
x in ["1", "2"] ;; x=w:2 ;; true
x in ["1", "2"] ;; x=i:2 ;; false
x in [1, 2] ;; x=s:2 ;; false
x not in [1, 2] ;; x=i:3 ;; true
x in [null] ;; ;; true
x in [1.0] ;; x=i:1 ;; true
x in tags ;; x=i:2|tags=j:[1, 2] ;; true
x in tags ;; x=s:a|tags=j:["b","a"] ;; true
"a" in tags ;; tags=j:["b"] ;; false
"a" in tags ;; ;; false ;; 1
x in [y, 3] ;; x=i:3|y=i:1 ;; true
not (x in [1]) ;; x=i:1 ;; false
x ~ "^a.c$" ;; x=w:abc ;; true
x ~ '\d+' ;; x=s:a1 ;; true
x ~ '^5\d\d$' ;; x=i:503 ;; true
x !~ 'b' ;; x=w:abc ;; false
x ~ 'b' ;; ;; false ;; 1
x !~ 'b' ;; ;; true ;; 1
x ~ '(?i)ABC' ;; x=s:xabcx ;; true
if(x > 3, "big", "small") ;; x=i:5 ;; "big"
if(x > 3, "big", "small") ;; ;; "small" ;; 1
if(true, 1, 2) ;; ;; 1
if(x, y, z) ;; x=b:1|y=w:a|z=i:1 ;; "a"
if(x != null, x + 1, 0) ;; ;; 0 ;; 0
if(x ?? false, 1, 2) ;; ;; 2
lower(x) == "abc" ;; x=w:ABC ;; true
length(x) > 2 ;; x=w:héé ;; true
lower(x) ;; ;; null ;; 1
upper(5) ;; ;; "5"
substr("héllo", 1, 3) ;; ;; "éll"
substr("abc", -2) ;; ;; "bc"
substr("abc", 5) ;; ;; ""
substr("abc", 0, -1) ;; ;; ""
substr("abc", -9, 2) ;; ;; "ab"
split("a,b,,c", ",")[2] ;; ;; ""
split("", ",") ;; ;; [""]
join(split("a b", " "), "-") ;; ;; "a-b"
index("abc", "x") ;; ;; -1
pad("7", 3) + "|" ;; ;; "7  |"
reverse("aéb") ;; ;; "béa"
trim("	x 
") ;; ;; "x"
number("1e3") ;; ;; 1000
number("abc") ;; ;; null
number(" 12 ") ;; ;; 12
number("-007") ;; ;; -7
int(2.9) ;; ;; 2
int(-2.9) ;; ;; -2
int("x") ?? -1 ;; ;; -1
float(3) / 2 ;; ;; 1.5
round(2.5) ;; ;; 3
round(-2.5) ;; ;; -3
round(1234, -2) ;; ;; 1200
round(35140747796445016.0, -1) ;; ;; 35140747796445020
round(1.5e23, -23) ;; ;; 2e+23
round(2.5e23, -23) ;; ;; 2e+23
round(-9.6e22, -23) ;; ;; -1e+23
round(4.9e22, -23) ;; ;; 0
round(123456e295, -296) ;; ;; 1.2346e+300
round(9.996e300, -298) ;; ;; 1e+301
round(1.5e308, -300) ;; ;; 1.5e+308
round(3.14159, 2) ;; ;; 3.14
round(-2.675, 2) ;; ;; -2.67
round(1.005, 2) ;; ;; 1
round(0.125, 2) ;; ;; 0.13
round(-0.375, 2) ;; ;; -0.38
round(2.5, 1) ;; ;; 2.5
round(5015e-4, 3) ;; ;; 0.501
round(0.285, 2) ;; ;; 0.28
round(1.45, 1) ;; ;; 1.4
round(1125899906842624.25, 1) ;; ;; 1125899906842624.2
round(1e300, 5) ;; ;; 1e+300
round(1e-300, 299) ;; ;; 0
round(1250, -2) ;; ;; 1300
round(-1250, -2) ;; ;; -1300
round(1249.9999999999998, -2) ;; ;; 1200
round(1250.0, -2) ;; ;; 1300
round(9007199254740995, -1) ;; ;; 9007199254741000
round(x, -1) ;; x=i:9223372036854775807 ;; 9223372036854775808
round(x, -19) ;; x=i:9223372036854775807 ;; 1e+19
round(x, -20) ;; x=i:9223372036854775807 ;; 0
int(1e22) ;; ;; null
floor(1e300) ;; ;; 1e+300
abs(x) ;; x=i:-9223372036854775808 ;; 9223372036854775808
sqrt(-1) ;; ;; null
min(3, "a", null) ;; ;; 3
max(3, "a", null) ;; ;; "a"
max(x, 10) ;; x=w:9 ;; 10
pow(2, 0.5) * pow(2, 0.5) > 1.99 ;; ;; true
pow(10, 20) ;; ;; 1e+20
type(x) ;; x=w:5 ;; "number"
type(x) ;; x=w:05 ;; "text"
type(x) ;; ;; "null"
type(x) ;; x=j:{} ;; "object"
bool(0) ;; ;; false
bool("maybe") ;; ;; null
text(null) ;; ;; ""
coalesce(x, y, 3) ;; y=s:a ;; "a"
parse_time("1970-01-02") ;; ;; 86400
parse_time("2026-11-24T20:15:00Z") ;; ;; 1795551300
parse_time("2026-11-24T21:15:00.5+01:00") ;; ;; 1795551300.5
parse_time("2026-02-30") ;; ;; null
parse_time("nonsense") ;; ;; null
parse_time("Nov 24 2026 8:15 PM", "%b %d %Y %I:%M %p") ;; ;; 1795551300
format_time(0) ;; ;; "1970-01-01T00:00:00Z"
format_time(0, "%G-W%V %U %W %u") ;; ;; "1970-W01 00 00 4"
format_time(1104537600, "%G-W%V-%u %U %W") ;; ;; "2004-W53-6 00 00"
format_time(1230681600, "%G-W%V-%u %U %W") ;; ;; "2009-W01-3 52 52"
format_time(-1, "%F %T %a %j") ;; ;; "1969-12-31 23:59:59 Wed 365"
format_time(1.25, "%S.%f") ;; ;; "01.250000"
format_time(951782400, "%Y-%m-%d") ;; ;; "2000-02-29"
crc32("") ;; ;; 0
sha256("") ;; ;; "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
md5("") ;; ;; "d41d8cd98f00b204e9800998ecf8427e"
length(sha256(repeat("a", 119))) ;; ;; 64
md5(repeat("1234567890", 8)) ;; ;; "57edf4a22be3c955ac49da2e2107b67a"
sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ;; ;; "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
from_base64("a?") ;; ;; null
base64("a") ;; ;; "YQ=="
from_base64(base64("any carnal pleas")) ;; ;; "any carnal pleas"
url_decode("%zz%41") ;; ;; "%zzA"
keys(x) ;; x=j:{"a\"b":1,"c":{}} ;; ["a\"b","c"]
length(x) ;; x=j:[1,[2,3],{"a":4}] ;; 3
length(x) ;; x=j:{"a":[1,2]} ;; 1
parse_json("{\"a\": [1, 2]}").a[1] ;; ;; 2
parse_json("{\"a\": 1") ;; ;; null
parse_json("1 2") ;; ;; null
parse_json("[1,]") ;; ;; null
parse_json('"a\/\u00e9"') ;; ;; "a/é"
parse_json('"\x"') ;; ;; null
parse_json('["\u00eg"]') ;; ;; null
parse_json('{"\u12":1}') ;; ;; null
parse_json('"\u12') ;; ;; null
to_json(x) ;; x=s:a"b ;; ""a\"b""
to_json([1, x]) ;; x=w:a ;; "[1,"a"]"
get(tags, n) ;; tags=j:[5,6]|n=i:1 ;; 6
get(x, "a") ;; x=j:{"a":null} ;; null
match("abc", 'b') ;; ;; "b"
match("abc", 'x') ;; ;; null
match("k=v", '(?<key>\w)=(?<val>\w)', "val") ;; ;; "v"
match("k=v", '(\w)=(\w)', 2) ;; ;; "v"
match("k=v", '(\w)=(\w)', 3) ;; ;; null
match_all("aXbXc", 'X*') ;; ;; ["","X","","X","",""]
replace_regex("abc", 'x*', "-") ;; ;; "-a-b-c-"
replace_regex("a.b", '\.', "$$") ;; ;; "a$b"
)~";

// EXPRESSION ;; offset ;; length ;; part of the message. A leading 'warn ' on the offset: a warning, and it compiles.
inline const char* const fault_cases = R"~(
 ;; 0 ;; 1 ;; empty
status = 500 ;; 7 ;; 1 ;; write ==
status =~ "x" ;; 7 ;; 2 ;; status ~ "x"
status === 5 ;; 7 ;; 3 ;; write ==
status <> 5 ;; 7 ;; 2 ;; write !=
x ? 1 : 2 ;; 2 ;; 1 ;; if(x, …, …)
x is null ;; 2 ;; 2 ;; x == null
x is not null ;; 2 ;; 2 ;; x != null
status == 500 or 503 ;; 17 ;; 3 ;; write status == 500 or status == 503, or status in [500, 503]
status != 500 and 503 ;; 18 ;; 3 ;; write status != 500 and status != 503
1 < x < 5 ;; 6 ;; 1 ;; write 1 < x and x < 5
a == b == c ;; 7 ;; 2 ;; write a == b and b == c
x AND y ;; 2 ;; 3 ;; lower case: and
x Or y ;; 2 ;; 2 ;; lower case: or
x & y ;; 2 ;; 1 ;; 'and'
x | y ;; 2 ;; 1 ;; 'or'
x ^ 2 ;; 2 ;; 1 ;; pow
x ** 2 ;; 2 ;; 2 ;; pow
x like "a" ;; 2 ;; 4 ;; x ~
x contains "a" ;; 2 ;; 8 ;; contains(x, "a")
x between 1 ;; 2 ;; 7 ;; x >=
(x > 1 ;; 0 ;; 1 ;; never closed
x > 1) ;; 5 ;; 1 ;; no partner
[1, 2 ;; 0 ;; 1 ;; ] is missing
lower(x ;; 5 ;; 1 ;; ) is missing
"abc ;; 0 ;; 1 ;; never closed
x == 'abc ;; 5 ;; 1 ;; never closed
`abc ;; 0 ;; 1 ;; backtick
x + ;; 3 ;; 0 ;; missing behind '+'
x > ;; 3 ;; 0 ;; missing behind '>'
> 3 ;; 0 ;; 1 ;; value is missing before '>'
and x ;; 0 ;; 3 ;; value is missing before 'and'
x y ;; 2 ;; 1 ;; operator is missing
x 5 ;; 2 ;; 1 ;; operator is missing
5xx ;; 0 ;; 3 ;; neither a number nor a name
x > 10MB ;; 4 ;; 4 ;; "10MB"
0x1F ;; 0 ;; 4 ;; decimal
x == 007 ;; 5 ;; 3 ;; "007"
x == “a” ;; 5 ;; 3 ;; straight quotes
$x ;; 0 ;; 1 ;; `$name`
@timestamp ;; 0 ;; 1 ;; backticks
x # comment ;; 2 ;; 1 ;; no comments
{a} ;; 0 ;; 1 ;; no {…}
x; y ;; 1 ;; 1 ;; stands alone
+5 ;; 0 ;; 1 ;; leave it out
lenght(x) ;; 0 ;; 6 ;; did you mean length(
len(x) ;; 0 ;; 3 ;; it is called length
frobnicate(x) ;; 0 ;; 10 ;; no function
lower() ;; 0 ;; 7 ;; 0 arguments: write lower(text)
lower(x, y) ;; 0 ;; 11 ;; 2 arguments: write lower(text)
if(x, 1) ;; 0 ;; 8 ;; if(condition, then, else)
if(5, 1, 2) ;; 3 ;; 1 ;; a condition first
"a" * 2 ;; 0 ;; 3 ;; takes numbers
x - "a" ;; 4 ;; 3 ;; takes numbers
-"a" ;; 1 ;; 3 ;; takes a number
true + 1 ;; 0 ;; 4 ;; takes numbers
abs("x") ;; 4 ;; 3 ;; takes a number
join("x") ;; 5 ;; 3 ;; a list or object
lower(x) == 5 ;; 0 ;; 13 ;; never equal
"a" < 3 ;; 0 ;; 7 ;; have no order
x + 1 == "a" ;; 0 ;; 12 ;; never equal
x > null ;; 4 ;; 4 ;; == null
not 5 ;; 4 ;; 1 ;; a condition
x ~ y ;; 4 ;; 1 ;; constant text
x ~ 5 ;; 4 ;; 1 ;; constant text
x ~ "a(b" ;; 8 ;; 1 ;; no partner
x ~ '[a' ;; 7 ;; 1 ;; regular expression
x ~ "\n\d(" ;; 10 ;; 1 ;; no partner
match(x, '(') ;; 11 ;; 1 ;; no partner
match(x, y) ;; 9 ;; 1 ;; constant text
x in "abc" ;; 5 ;; 5 ;; contains(…)
x in 5 ;; 5 ;; 1 ;; looks into a list
lower(x) in [1, 2] ;; 12 ;; 6 ;; no element
x[y] ;; 2 ;; 1 ;; get(list, index)
x[1.5] ;; 2 ;; 3 ;; whole number
x[1 ;; 3 ;; 0 ;; ] is missing
lower(x)[0] ;; 0 ;; 8 ;; takes a list or object
a == not b ;; 5 ;; 3 ;; parentheses
field(x) ;; 6 ;; 1 ;; in quotes
user-agent ~ "x" ;; warn 0 ;; 10 ;; `user-agent`
x ?? 0 + 1 ;; warn 5 ;; 5 ;; binds looser
)~";

}  // namespace test
