#!/bin/sh
# sum.sh COMMAND...
#
# Runs each command; each is to end with the line 'N passed, N failed' (an emulator may print more after it). Adds
# these up as its own last line, and fails if anything failed. A command that dies or ends without such a line counts
# as one failure more.
out=${TMPDIR:-/tmp}/sum.$$
trap 'rm -f "$out" "$out.rc"' EXIT
trap 'exit 1' HUP INT TERM
passed=0 failed=0
for command in "$@"; do
	echo "== $command"
	{ sh -c "$command" 2>&1; echo $? >"$out.rc"; } | tee "$out"
	rc=$(cat "$out.rc")
	counts=$(tr -d '\r' <"$out" | sed -n 's/^\([0-9][0-9]*\) passed, \([0-9][0-9]*\) failed$/\1 \2/p' | tail -n 1)
	set -- ${counts:-0 0}
	[ "$rc" -eq 0 ] || [ "$2" -gt 0 ] || set -- "$1" 1
	if [ -z "$counts" ]; then
		echo "** '$command' ended with status $rc and did not say what passed"
		set -- 0 1
	fi
	passed=$((passed + $1)) failed=$((failed + $2))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
