#!/bin/sh
# symbols.sh BUILD: does the program take only what ports/posix/symbols.txt allows from the C library? BUILD is a folder
# of objects made by a POSIX toolchain. glibc, musl and others spell some names in their own way, which is undone here.
set -eu
LC_ALL=C
export LC_ALL
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

sed 's/#.*//; s/	.*//' ports/posix/symbols.txt | awk '{ for (i = 2; i <= NF; i++) print $i }' | sort -u >"$tmp/allowed"
find "$1/src" "$1/ports" "$1/vendor" -name '*.o' >"$tmp/objects"
grep -v "^$1/vendor/" "$tmp/objects" | xargs nm -u | awk '$1 == "U" { print $2 }' |
	sed 's/^__errno_location$/errno/; s/^___errno_location$/errno/; s/^__sysv_signal$/signal/; s/^__isoc99_//
		s/^\(open\|fcntl\|fstat\|stat\|lseek\|ftruncate\|readdir\|setrlimit\|getrlimit\)64$/\1/
		s/^__\(.*\)_time64$/\1/' | sort -u >"$tmp/used"
xargs nm <"$tmp/objects" | awk '$2 ~ /^[A-TV-Zvw]$/ { print $3 }' | sort -u >"$tmp/own"
# what compilers and linkers add (bcmp: clang for memcmp, the last one: tcc's own)
grep -v -e '^_GLOBAL_OFFSET_TABLE_$' -e '^__stack_chk_' -e '^__asan_' -e '^__ubsan_' -e '^bcmp$' -e '^__floatundidf$' "$tmp/used" |
	comm -23 - "$tmp/own" | comm -23 - "$tmp/allowed" >"$tmp/other"
if [ -s "$tmp/other" ]; then
	echo "not in ports/posix/symbols.txt: $(tr '\n' ' ' <"$tmp/other")"
	echo '0 passed, 1 failed'
	exit 1
fi
echo "$(comm -12 "$tmp/used" "$tmp/allowed" | wc -l) names from the C library, all allowed"
echo '1 passed, 0 failed'
