#!/bin/sh
# engine.sh ENGINE BUILD SECONDS [NAME...]
#
# Fuzzes parsers (all, or by name) for so many seconds each, with an engine that follows what the code does. ENGINE is
# libfuzzer (clang) or afl (AFL++). BUILD has the two libraries, compiled for it, and gets
#   corpus/NAME/        what was found to do something new; the next run goes on from there
#   found/              inputs that broke something
#   NAME.log            what the engine said
# JOBS run side by side. An input that broke something belongs into tests/fuzz/NAME/, where 'make test' runs it.
# Ends with 'N passed, N failed'.
set -u
LC_ALL=C
export LC_ALL
engine=$1 b=$2 seconds=$3
shift 3

# words NAME: the dictionary that suits a parser.
words() {
	case $1 in
	account | file | json | oauth | okta | prepare | source | timeoff | users) d=json ;;
	chain | directory | ldap | x509) d=ber ;;
	filter) d=dn ;;
	http | link | tunnel | wait) d=http ;;
	jws) d=pem ;;
	map) d=transform ;;
	csv | hosts | text | url) d=other ;;
	*) d=$1 ;;
	esac
	echo "tests/fuzz/$d.dict"
}

# one NAME: fuzzes it; 0 when nothing broke.
one() {
	FUZZ=$1
	export FUZZ
	mkdir -p "$b/corpus/$1" "$b/found"
	if [ "$engine" = libfuzzer ]; then
		"$b/engine" -max_total_time="$seconds" -max_len=8192 -timeout=60 -rss_limit_mb=2000 -dict="$(words "$1")" \
			-artifact_prefix="$b/found/$1-" "$b/corpus/$1" "tests/fuzz/$1" >"$b/$1.log" 2>&1
		return
	fi
	rm -rf "$b/afl/$1"
	mkdir -p "$b/afl"
	AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_IGNORE_PROBLEMS=1 \
		afl-fuzz -V "$seconds" -m none -t 20000+ -x "$(words "$1")" -i "tests/fuzz/$1" -o "$b/afl/$1" \
		-- "$b/engine" >"$b/$1.log" 2>&1 || return 1
	cp "$b/afl/$1"/default/queue/id* "$b/corpus/$1"
	for i in "$b/afl/$1"/default/crashes/id* "$b/afl/$1"/default/hangs/id*; do
		[ ! -e "$i" ] || cp "$i" "$b/found/$1-${i##*/}"
	done
	[ ! -e "$b/afl/$1/default/crashes/README.txt" ]
}

if [ "${ENGINE_ONE:-}" ]; then
	if one "$1"; then echo passed; else echo "failed: $1"; tail -n 30 "$b/$1.log"; fi
	exit 0
fi
[ $# -gt 0 ] || set -- $(ls -d tests/fuzz/*/ | sed 's:/$::; s:.*/::')
if [ "$engine" = libfuzzer ]; then
	compile='clang -fsanitize=address,undefined,fuzzer -fno-sanitize-recover=all'
else
	compile='afl-clang-fast -fsanitize=fuzzer'
fi
$compile -g -std=c99 -D_POSIX_C_SOURCE=200112L -DFUZZ_ENGINE -Isrc -Itests -I"$b/include" -Ivendor/bearssl/inc \
	-Ivendor/jsmn -Ivendor/sqlite tests/fuzz/*.c "$b/librollcall.a" "$b/libvendor.a" -lm -o "$b/engine" || exit 1
echo "$*" | tr ' ' '\n' | ENGINE_ONE=1 xargs -P "${JOBS:-2}" -I '{}' sh "$0" "$engine" "$b" "$seconds" '{}' |
	tee "$b/results"
passed=$(grep -cx passed "$b/results")
failed=$(grep -c '^failed' "$b/results")
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
