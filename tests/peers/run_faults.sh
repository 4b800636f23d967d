#!/bin/bash
# run_faults.sh PROBE: our HTTP client against each way in which the server of kit/faults.py misbehaves (faults.expect). After
# each, an ordinary request of the same client must get its own good answer. Ends with "N passed, M failed".
set -u
probe=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
here=$(cd "$(dirname "$0")" && pwd)
if [ "${2-}" = row ]; then
	# one path, for xargs below
	. "$3/env"
	path=$4 base=$BASE_URL json=1
	while IFS=$'\t' read -r pattern ask want text; do
		case $pattern in '#'*) continue ;; esac
		pattern=${pattern//\?/\\?}
		pattern=${pattern//30\\\?/30?}
		case $path in $pattern) break ;; esac
		want=
	done <"$here/faults.expect"
	[ -n "${want-}" ] || { echo "failed: $path: not in faults.expect"; exit 0; }
	case $path in
	/tls/* | /redirect/30?/plain) base=$BASE_URL_TLS ;;
	/ | /empty/204 | /length/zero) json= ;;	# no JSON, and none is meant
	esac
	case $ask in
	-) ask=$path ;;
	+*) ask=${path%%\?*}?${ask#+} ;;
	esac
	said=$(env -i CA_FILE="$CA_FILE" ${json:+JSON=1} RETRIES=5 TIMEOUT_MS=2000 TOTAL_MS=8000 "$probe" "$base$ask" "$base/ok" 2>&1 </dev/null)
	code=$? last=${said##*$'\n'}
	case $code,$said in
	"$want",*"$text"*) case $last in 200*) echo passed; exit 0 ;; esac ;;
	esac
	echo "failed: $path: exit $code, wanted $want with '$text', and then a good answer: ${said:0:600}"
	exit 0
fi
work=$(mktemp -d)
trap '"$here/kit/faults.sh" down "$work" >/dev/null; rm -rf "$work"' EXIT
"$here/kit/faults.sh" up "$work" >"$work/out" || { echo '0 passed, 1 failed'; exit 1; }
. "$work/env"
env -i "$probe" "$BASE_URL/" | tr -d '\r' | sed '1s/^200 //' | awk '{ print $1 }' >"$work/paths"
n=$(wc -l <"$work/paths")
xargs -P 4 -I '{}' bash "$0" "$probe" row "$work" '{}' <"$work/paths" >"$work/results"
grep '^failed' "$work/results"
passed=$(grep -c '^passed$' "$work/results")
[ "$n" -gt 100 ] || { echo "failed: the server lists $n paths only"; passed=0 n=1; }
echo "$passed passed, $((n - passed)) failed"
[ "$passed" -eq "$n" ]
