#!/bin/sh
# rules.sh BUILD PORT FLAGS
#
# Writes BUILD/rules.mk, the make rules for every object, from the .c files that are there; called by the
# Makefile. Portable make has no way to say "all objects of this folder, made in that one", so the rules are
# spelled out. Also made, and like rules.mk only touched when their content changes:
#   BUILD/flags                 the compiler and its flags; objects depend on it, so other flags compile again
#   BUILD/include/suites.h      the suites of tests, SUITE(name) for each tests/unit/test_name.c
#   BUILD/include/harnesses.h   HARNESS(name) for each tests/fuzz/fuzz_name.c
#   BUILD/include/pcre2.h       and pcre2_chartables.c: the files that upstream says to copy
set -eu
LC_ALL=C
export LC_ALL
build=$1 port=$2 flags=$3

# keep FILE: standard input becomes FILE, unless FILE says so already
keep() {
	cat >"$1.new"
	if cmp -s "$1" "$1.new"; then rm "$1.new"; else mv "$1.new" "$1"; fi
}

# objects NAME COMPILE FILE...: the macro NAME with the objects of the files, and a rule for each; $below, when set,
# is a folder below BUILD for them
below=
objects() {
	name=$1 compile=$2
	shift 2
	list= dirs=
	for c in "$@"; do
		[ -e "$c" ] || continue
		o=$build$below/${c%.c}.o
		case $c in "$build"/*) o=${c%.c}.o ;; esac
		list="$list $o"
		printf '%s: %s '"$build/flags"'\n\t@echo cc %s\n\t$(Q)$(%s) -o $@ %s\n' "$o" "$c" "$c" "$compile" "$c"
		dirs="$dirs ${o%/*}"
	done
	[ -z "$dirs" ] || mkdir -p $dirs
	echo "$name =$list"
}

# program NAME FILE...: the program NAME of the tests, made from these files and the libraries.
program() {
	name=$1
	shift
	objects "$name" CC_OURS "$@"
	printf '%s: $(%s) $(TEST_LIBRARIES)\n\t@echo link $@\n' "$build/$name\$(EXE)" "$name"
	printf '\t$(Q)$(LINK) -o $@ $(%s) $(TEST_LIBRARIES) $(LIBS)\n' "$name"
}

# faulty: the program rollcall_fault, our code compiled once more (tests/fault/fault.c)
faulty() {
	below=/fault
	objects FAULT_OBJS CC_FAULT src/*/*.c ports/posix/cpu.c ports/posix/proc.c tests/fault/*.c
	objects FAULT_PCRE2 CC_FAULT_PCRE2 vendor/pcre2/src/pcre2_context.c
	below=
	printf '%s: $(FAULT_OBJS) $(FAULT_PCRE2) %s\n\t@echo link $@\n' "$build/rollcall_fault" "$build/libvendor.a"
	printf '\t$(Q)$(LINK) -o $@ $(FAULT_OBJS) $(FAULT_PCRE2) %s $(LIBS)\n' "$build/libvendor.a"
}

# includes FILE...: which headers the objects were made from, as the compiler noted when it made them. A
# header that is gone gets an empty rule, so that its objects are compiled again instead of make not knowing
# how to make it.
includes() {
	for c in "$@"; do
		for d in "$build/${c%.c}.d" "$build/fault/${c%.c}.d"; do
			[ ! -e "$d" ] || echo "$d"
		done
	done >"$build/deps.tmp"
	[ -s "$build/deps.tmp" ] || return 0
	xargs cat <"$build/deps.tmp" | tr -s ' :\\' '\n' | grep '\.h$' | sort -u | sed 's/$/:/'
	sed 's/^/include /' "$build/deps.tmp"
}

mkdir -p "$build/include" "$build/tmp" "$build/vendor"
echo "$flags" | keep "$build/flags"
keep "$build/include/pcre2.h" <vendor/pcre2/src/pcre2.h.generic
keep "$build/include/pcre2_chartables.c" <vendor/pcre2/src/pcre2_chartables.c.dist
{
	echo "#define CHECK_TMP \"$build/tmp\""
	for t in tests/unit/test_*.c; do
		t=${t##*/test_}
		[ ! -e "tests/unit/test_$t" ] || echo "SUITE(${t%.c})"
	done
} | keep "$build/include/suites.h"
for t in tests/fuzz/fuzz_*.c; do
	t=${t##*/fuzz_}
	echo "HARNESS(${t%.c})"
done | keep "$build/include/harnesses.h"

{
	echo "# made by ports/rules.sh"
	objects MAIN CC_OURS src/main.c
	objects OBJS CC_OURS src/*/*.c ports/"$port"/*.c
	objects TESTLIB CC_OURS tests/harness.c tests/sandbox/tcsim*.c tests/sandbox/ldapsim.c \
		tests/sandbox/tlsrelay.c tests/sandbox/websim*.c tests/golden/golden_json.c
	faulty
	program test_unit tests/check.c tests/unit/*.c
	program test_child tests/child.c
	program test_golden tests/golden/test_golden.c tests/golden/golden_[!j]*.c tests/golden/golden_judge.c
	program test_cli tests/sandbox/test_cli.c
	program test_ldap tests/sandbox/test_ldap.c
	program test_web tests/sandbox/test_web*.c
	program test_e2e tests/sandbox/test_e2e*.c
	program test_limits tests/sandbox/test_limits.c
	program test_fault tests/sandbox/test_fault.c
	program test_bounded tests/sandbox/test_bounded.c
	program timecamp_sim tests/sandbox/timecamp_sim.c
	program demo tests/sandbox/demo.c
	program net_probe tests/peers/net_probe.c
	program fuzz tests/fuzz/*.c
	program bench tests/bench/*.c
	objects BEARSSL_OBJS CC_BEARSSL vendor/bearssl/src/*.c vendor/bearssl/src/*/*.c
	objects PCRE2_OBJS CC_PCRE2 vendor/pcre2/src/pcre2_[!u]*.c vendor/pcre2/src/pcre2_ucd.c \
		"$build/include/pcre2_chartables.c"
	objects SQLITE_OBJS CC_SQLITE vendor/sqlite/*.c
	# the one that takes longest comes first
	echo 'VENDOR = $(SQLITE_OBJS) $(PCRE2_OBJS) $(BEARSSL_OBJS)'
	includes src/*.c src/*/*.c ports/"$port"/*.c tests/*.c tests/*/*.c
} >"$build/rules.tmp"
keep "$build/rules.mk" <"$build/rules.tmp"
rm -f "$build/rules.tmp" "$build/deps.tmp"
