#!/bin/bash
# run_tls.sh PROBE: our HTTP client against each of the TLS servers of kit/tls.sh: what must be accepted is, what must be
# refused is, with a message that says which check failed (tls.expect). Ends with "N passed, M failed".
set -u
probe=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap '"$here/kit/tls.sh" down "$work" >/dev/null; rm -rf "$work"' EXIT
passed=0 failed=0
complain() { failed=$((failed + 1)); echo "failed: $*"; }

"$here/kit/tls.sh" up "$work" >"$work/out" || { echo '0 passed, 1 failed'; exit 1; }
. "$work/env"

while IFS=$'\t' read -r name port host _ what; do
	row=$(grep "^$name	" "$here/tls.expect") || { complain "$name ($what): not in tls.expect"; continue; }
	IFS=$'\t' read -r _ want text <<<"$row"
	said=$(env -i CA_FILE="$CA_FILE" "$probe" "https://$host:$port/" 2>&1 </dev/null)
	code=$?
	case $code,$said in
	"$want",*"$text"*) passed=$((passed + 1)) ;;
	*) complain "$name ($what): exit $code, wanted $want with '$text': $said" ;;
	esac
done <"$ENDPOINTS"
[ "$(wc -l <"$ENDPOINTS")" -eq "$(grep -vc '^#' "$here/tls.expect")" ] || complain 'tls.expect names servers that are not there'

# With the right certificate, with one of another CA, and with a CA that is not the server's.
port=$(awk '$1 == "client-cert" { print $2 }' "$ENDPOINTS")
for row in "0 $CLIENT_CERT $CLIENT_KEY" "0 $CLIENT_CERT_RSA $CLIENT_KEY_RSA" "6 $CLIENT_CERT_WRONG $CLIENT_KEY_WRONG"; do
	read -r want cert key <<<"$row"
	env -i CA_FILE="$CA_FILE" CLIENT_CERT="$cert" CLIENT_KEY="$key" "$probe" "https://localhost:$port/" >/dev/null </dev/null
	code=$?
	if [ $code = "$want" ]; then passed=$((passed + 1)); else complain "client certificate $cert: exit $code"; fi
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
