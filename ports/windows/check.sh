#!/bin/sh
# check.sh PROGRAM.exe WINE: what can be looked at of Windows from elsewhere. The program takes only libraries that every
# Windows has, and nothing of the event log; the task of ports/taskscheduler is accepted by schtasks; a console shows
# letters beyond ASCII as they are (where script(1) makes one).
set -u
program=$1 wine=$2 passed=0 failed=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export LC_ALL=C.UTF-8

# report WHAT STATUS
report() {
	if [ "$2" -eq 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)) && echo "FAIL $1"; fi
}

objdump -p "$program" >"$tmp/imports"
sed -n 's/^.*DLL Name: //p' "$tmp/imports" | tr 'A-Z' 'a-z' | sort >"$tmp/dlls"
[ -s "$tmp/dlls" ] && ! grep -vx -e advapi32.dll -e crypt32.dll -e kernel32.dll -e msvcrt.dll -e psapi.dll -e shell32.dll \
	-e ws2_32.dll "$tmp/dlls"
report 'libraries that every Windows has' $?
! grep -E 'ReportEvent|RegisterEventSource|OpenEventLog' "$tmp/imports"
report 'no event log' $?

"$wine" schtasks /Create /TN rollcall /XML ports/taskscheduler/rollcall.xml /F </dev/null >"$tmp/out" 2>&1
report 'the task is accepted' $?

if command -v script >/dev/null; then
	mkdir "$tmp/Büro"
	echo '{"users":[{"external_id":"1","name":"Jürgen Żółć","email":"j@example.com","status":"active"}]}' >"$tmp/Büro/p.json"
	script -qec "$wine $program explain 1 --dir $tmp/Büro --input p.json --quiet" /dev/null </dev/null >"$tmp/console" 2>&1
	grep -q 'name  *Jürgen Żółć' "$tmp/console"
	report 'letters on a console' $?
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
