#!/bin/sh
# lint.sh: what the code is held to beyond what compilers check. Prints one line for each finding, then the
# figures, and fails if anything was found. Run from the top of the tree; uses only sh, awk and the usual
# small programs.
#
# A check reads the code with comments and the contents of strings taken out, so these may say anything.
set -u
LC_ALL=C
export LC_ALL
tmp=${TMPDIR:-/tmp}/lint.$$
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$tmp" || exit 1

ours=$(find src ports tests -name '*.[ch]' | sort)
program=$(find src ports -name '*.c' | sort)
headers=$(find src -name '*.h' | sort)

# Budgets.
max_function=150 median_function=20 most_functions=60 max_file=900 max_columns=110 max_test_columns=140

# Which folders of src/ a folder of src/ may include besides itself. All may include port.h.
arrows='app: serve target source prepare plan store ldap model net base
serve: app target source prepare plan store ldap model net base
target: plan store model net base
source: store ldap model net base
prepare: store model base
plan: store model base
store: model net base
ldap: model net base
model: base
net: base
base:'

# Which files may include a vendored header, use a function, or keep state. Everybody else may not.
wrappers='bearssl.h src/net/tls_int.h src/base/digest.c
sqlite3.h src/store/db.c
pcre2.h src/base/regex.c
jsmn.h src/base/json_read.c'
# (In ports/: what the system keeps once for each process, such as its locks and standard streams.)
state='src/base/settings.c src/base/log.c ports/posix/fs.c ports/posix/sys.c ports/windows/fs.c ports/windows/sys.c'
c99='assert ctype errno float inttypes limits math setjmp signal stdarg stdbool stddef stdint stdio stdlib
string time'
banned='strcpy strcat sprintf vsprintf strncpy strtok atoi atol atoll atof gets alloca setlocale strtol strtoul
strtoll strtoull strtod system'
printing='printf vprintf fprintf vfprintf puts fputs putchar putc fputc perror'

# found FILE:LINE TEXT
found() {
	echo "$1: $2" >>"$tmp/found"
}

# Comments become nothing and strings become "", line by line; include lines stay as they are.
strip() {
	for f in $ours; do
		mkdir -p "$tmp/${f%/*}"
		awk '
		/^#[ \t]*include/ { print; next }
		{
			out = ""
			n = length($0)
			for (i = 1; i <= n; i++) {
				c = substr($0, i, 1)
				two = substr($0, i, 2)
				if (inside) {
					if (two == "*/") { inside = 0; i++ }
				} else if (quote != "") {
					if (c == "\\") i++
					else if (c == quote) { quote = ""; out = out c }
				} else if (two == "/*") {
					inside = 1
					i++
				} else if (two == "//") {
					break
				} else {
					if (c == "\"" || c == "\047") quote = c
					out = out c
				}
			}
			print out
		}' "$f" >"$tmp/$f"
	done
}

# Blanks, widths, file lengths, words that mark unfinished work.
check_text() {
	for f in $ours; do
		case $f in tests/*) wide=$max_test_columns ;; *) wide=$max_columns ;; esac
		awk -v f="$f" -v wide="$wide" -v long="$max_file" '
		/[ \t\r]$/ { print f ":" NR ": blank at the end of the line" }
		/^        / { print f ":" NR ": indented with spaces" }
		/(^|[^A-Za-z])(TODO|FIXME|XXX)([^A-Za-z]|$)/ { print f ":" NR ": unfinished" }
		/[Gg]enerated by/ && NR < 5 { generated = 1 }
		{
			n = 0
			for (i = 1; i <= length($0); i++) {
				c = substr($0, i, 1)
				if (c == "\t") n += 8 - n % 8
				else if (c < "\200" || c >= "\300") n++
			}
			if (n > wide) print f ":" NR ": " n " columns, at most " wide
		}
		END { if (NR > long && !generated) print f ": " NR " lines, at most " long }' "$f"
	done >>"$tmp/found"
}

# Lengths of functions: a body is what stands between a { and a } in the first column.
check_functions() {
	for f in $ours; do
		case $f in *.c) ;; *) continue ;; esac
		awk -v f="$f" '
		/^[a-z].*\(/ { name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name) }
		/^\{/ { start = NR }
		/^\}/ && start { print NR - start - 1, f ":" start, name; start = 0 }' "$tmp/$f"
	done >"$tmp/functions"
	awk -v most="$max_function" '$1 > most { print $2 ": function " $3 " has " $1 " lines, at most " most }' \
		"$tmp/functions" >>"$tmp/found"
	grep -v ' tests/' "$tmp/functions" | sort -n | awk -v median="$median_function" -v most="$most_functions" '
	{ n[NR] = $1 }
	END {
		if (NR == 0) exit
		m = n[int((NR + 1) / 2)]
		p = n[int((NR * 9 + 9) / 10)]
		print NR " functions: median " m " lines, nine in ten at most " p ", longest " n[NR] >"/dev/stderr"
		if (m > median) print "functions: the median has " m " lines, at most " median
		if (p > most) print "functions: nine in ten have up to " p " lines, at most " most
	}' 2>"$tmp/figures" >>"$tmp/found"
}

# Who includes whom.
check_includes() {
	for f in $(find src ports -name '*.[ch]'); do
		awk -v f="$f" -v arrows="$arrows" -v wrappers="$wrappers" -v c99="$c99" '
		BEGIN {
			n = split(arrows, rows, "\n")
			for (i = 1; i <= n; i++) {
				m = split(rows[i], w, /[: ]+/)
				for (j = 1; j <= m; j++) may[w[1], w[j]] = 1
			}
			n = split(wrappers, rows, "\n")
			for (i = 1; i <= n; i++) {
				m = split(rows[i], w, " ")
				vendored[w[1]] = 1
				for (j = 2; j <= m; j++) wraps[w[1], w[j]] = 1
			}
			n = split(c99, w, /[ \n]/)
			for (i = 1; i <= n; i++) standard[w[i] ".h"] = 1
			split(f, part, "/")
			port = part[1] == "ports"
			folder = part[2]
			top = folder ~ /\./
		}
		!/^#[ \t]*include/ { next }
		{
			name = $0
			gsub(/^[^<"]*[<"]|[>"].*$/, "", name)
			at = f ":" NR ": includes " name
			if (name ~ /^bearssl/) name = "bearssl.h"
			if (name in vendored) {
				if (!((name, f) in wraps)) print at ", which only its wrapper may"
			} else if ($0 ~ /</) {
				if (!port && !(name in standard)) print at ", which is not of C99"
			} else if (name == "port.h" || (f == "src/port.h" && name == "base/error.h")) {
				next
			} else if (name !~ /\//) {
				if (!port) print at " without its folder"
			} else {
				to = name
				sub(/\/.*/, "", to)
				if (port ? to != "base" : !top && !((folder, to) in may)) print at ": arrows point down"
				if (name ~ /_int\.h$/ && to != folder) print at ", which is private to " to
			}
		}' "$tmp/$f"
	done >>"$tmp/found"
}

# uses FILE WORDS TEXT: a finding for each call of one of the words.
uses() {
	pattern=$(echo $2 | tr ' ' '|')
	grep -nE "(^|[^A-Za-z0-9_.>])($pattern)[ ]*\(" "$tmp/$1" | sed -E "s#^([0-9]+):.*[^A-Za-z0-9_]*#&#" |
	while IFS=: read -r line text; do
		found "$1:$line" "$3: $(echo "$text" | sed 's/^[ 	]*//')"
	done
}

check_calls() {
	for f in $ours; do
		uses "$f" "$banned" "banned function"
		case $f in
		tests/*) continue ;;
		src/base/log.c | src/app/* | src/serve/* | ports/*) ;;
		*) uses "$f" "$printing" "only app and serve print" ;;
		esac
		case $f in
		ports/* | src/port.h) ;;
		*) uses "$f" "port_spawn" "the program starts no child, which pledge() and docs/security.md count on" ;;
		esac
		case $f in
		src/main.c | ports/*) ;;
		*) uses "$f" "exit _exit _Exit" "only main ends the program" ;;
		esac
	done
}

# Conditional compilation: less than one #if for 1000 lines of src/, besides include guards; no system names.
check_conditions() {
	for f in $ours; do
		awk -v f="$f" '
		/^#[ \t]*(if|elif).*(_WIN32|__linux__|__APPLE__|__unix__|BSD)/ && f !~ /^ports\// {
			print f ":" NR ": a system is asked for outside ports/"
		}
		/^[ \t]*typedef[ \t]+(struct|union|enum)/ { print f ":" NR ": typedef hides a struct" }' "$tmp/$f"
	done >>"$tmp/found"
	n=$(for f in $ours; do case $f in src/*) grep -E '^#[ 	]*if' "$tmp/$f" ;; esac; done | grep -cv '_H$')
	lines=$(find src -name '*.[ch]' -exec cat {} + | wc -l | tr -d ' ')
	echo "$lines lines in src/, $n conditions" >>"$tmp/figures"
	[ "$n" -le $((lines / 1000 + 1)) ] || found src/ "$n lines of #if in $lines lines, at most one in 1000"
}

# Headers: guard, a comment at the top, and one above each function or the paragraph it is in; each compiles
# alone.
check_headers() {
	for f in $headers; do
		head -n 4 "$f" | grep -q '[Gg]enerated by' && continue
		guard=$(echo "${f#src/}" | tr 'a-z/.' 'A-Z__')
		grep -q "^#ifndef $guard\$" "$f" || found "$f" "include guard is not $guard"
		awk -v f="$f" '
		NR == 1 && !/^\/\*/ { print f ": does not say what it is for" }
		/^[ \t]*$/ { said = 0; next }
		/\/\*/ { said = 1 }
		/^[a-z].*[a-z0-9_]\(/ && !/^(typedef|static)/ && !said { print f ":" NR ": no comment above: " $0 }' "$f"
		echo "#include \"${f#src/}\"" >"$tmp/alone.c"
		${CC:-cc} -std=c99 -Isrc -Ivendor/bearssl/inc -fsyntax-only "$tmp/alone.c" 2>/dev/null || echo "$f: does not compile alone"
	done >>"$tmp/found"
}

# Every limit is tested: its name occurs in tests/.
check_limits() {
	for name in $(sed -n 's/^#define \([A-Z][A-Z0-9_]*\) .*/\1/p' src/base/limits.h); do
		grep -rqw "$name" tests || found src/base/limits.h "$name does not occur in tests/"
	done
}

# Variables that outlive a call and can be written: at file scope, or static in a function.
check_state() {
	for f in $program; do
		case " $state " in *" $f "*) continue ;; esac
		awk -v f="$f" '
		function variable(s) {
			gsub(/[ \t]+/, " ", s)
			gsub(/^ | ?=.*| $/, "", s)
			if (s == "" || s ~ /^(typedef|extern) / || s ~ /^(struct|union|enum)( [a-z0-9_]+)?$/) return
			if (s ~ /\(/ && s !~ /\(\*[a-z_]+(\[.*\])?\)/) return
			sub(/\[.*/, "", s)
			if (s ~ /sig_atomic_t/) return
			if (s ~ /\*/ ? s !~ /\*( )?const [a-z0-9_]+$/ : s !~ /(^| )const /)
				print f ":" at ": can be written by everybody: " s
		}
		/^#/ { continued = /\\$/; next }
		continued { continued = /\\$/; next }
		depth > 0 && /^\t+static / && !/\(.*\)[ \t]*$/ {
			at = NR
			s = $0
			sub(/[;{].*/, "", s)
			variable(s)
		}
		{
			for (i = 1; i <= length($0); i++) {
				c = substr($0, i, 1)
				if (c == "{") {
					if (depth++ == 0) {
						kept = s
						body = s ~ /\)[ \t]*$/
					}
				} else if (c == "}") {
					if (--depth == 0) s = body ? "" : kept
				} else if (depth == 0 && c == ";") {
					variable(s)
					s = ""
				} else if (depth == 0) {
					if (s == "") at = NR
					s = s c
				}
			}
			if (depth == 0 && s != "") s = s " "
		}' "$tmp/$f"
	done >>"$tmp/found"
}

# The Windows batch file takes the same options as the Makefile.
check_batch() {
	[ -e ports/windows/build.bat ] || return 0
	for word in $(sed -e ':a' -e '/\\$/{N;s/\\\n//;ba' -e '}' Makefile |
		sed -n -E 's/^(PCRE2|SQLITE|OURS|CPP_windows|LIBS_windows) = //p'); do
		case $word in
		*'$('* | -Itests) ;;
		*) tr '/\\' '//' <ports/windows/build.bat | grep -qFe "$word" ||
			found ports/windows/build.bat "lacks the Makefile's $word" ;;
		esac
	done
	# it makes all objects in one folder
	for files in 'src ports/windows' vendor; do
		for name in $(find $files -name '*.c' | sed 's,.*/,,' | sort | uniq -d); do
			found ports/windows/build.bat "two files of $files are named $name"
		done
	done
}

: >"$tmp/found"
strip
check_text
check_functions
check_includes
check_calls
check_conditions
check_headers
check_limits
check_state
check_batch
cat "$tmp/found"
cat "$tmp/figures"
n=$(wc -l <"$tmp/found" | tr -d ' ')
echo "$n findings"
[ "$n" -eq 0 ]
