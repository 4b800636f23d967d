#!/bin/bash
# run_net.sh PROBE: our HTTP client against nginx and tinyproxy, which it starts and stops. Ends with
# "N passed, M failed".
set -u
probe=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
here=$(cd "$(dirname "$0")" && pwd)
data=$here/../unit/data/tls
work=$(mktemp -d)
trap '"$here/web.sh" down "$work"; rm -rf "$work"' EXIT
passed=0 failed=0

# try NAME EXIT TEXT URL [SETTING=VALUE...]: the exit code, and a part of what is printed
try() {
	name=$1 want=$2 text=$3 url=$4
	shift 4
	said=$(env -i CA_FILE="$data/ca.pem" "$@" "$probe" "$url" 2>&1)
	code=$?
	case $code,$said in
	"$want",*"$text"*) passed=$((passed + 1)) ;;
	*)
		failed=$((failed + 1))
		echo "failed: $name: exit $code, wanted $want with '$text': $said"
		;;
	esac
}

"$here/web.sh" up "$work" >"$work/out" || { echo '0 passed, 1 failed'; exit 1; }
. "$work/env"
L=https://localhost

try ok 0 '200 ok' $L:$PORT_OK
try rsa 0 '200 rsa' $L:$PORT_RSA
try chain 0 '200 chain' $L:$PORT_CHAIN
try disorder 0 '200 disorder' $L:$PORT_DISORDER
try 'TLS 1.2 and 1.3' 0 '200 both' $L:$PORT_BOTH
try AES-GCM 0 '200 gcm' $L:$PORT_GCM
try ChaCha20 0 '200 chacha' $L:$PORT_CHACHA
try address 0 '200 address' https://127.0.0.1:$PORT_ADDRESS
try 'other address' 6 'is for "localhost"' https://127.0.0.1:$PORT_OK
try expired 6 'expired on 2021-02-03' $L:$PORT_EXPIRED
try 'wrong name' 6 'is for "other.example"' $L:$PORT_WRONG
try 'unknown CA' 6 'unknown CA, "Somebody else"' $L:$PORT_UNKNOWN
try 'unknown CA, trusted' 0 '200 unknown' $L:$PORT_UNKNOWN CA_FILE="$data/other.pem"
try 'unknown CA, not checked' 0 '200 unknown' $L:$PORT_UNKNOWN NO_VERIFY=1
try 'intermediate missing' 6 'unknown CA, "Unit Intermediate"' $L:$PORT_INCOMPLETE
try 'weak key' 6 'weak key' $L:$PORT_WEAK
try SHA-1 6 'MD5 or SHA-1' $L:$PORT_SHA1
try 'not for servers' 6 'not meant for servers' $L:$PORT_CLIENT_ONLY
try 'TLS 1.1' 6 'TLS 1.2 is needed' $L:$PORT_TLS11
try 'TLS 1.3' 6 'TLS 1.2 is needed' $L:$PORT_TLS13
try 'no TLS' 6 'does not answer with TLS' $L:$PORT_PLAIN
try 'no client certificate' 6 'answered 400' $L:$PORT_MUTUAL
try 'client certificate' 0 '200 mutual' $L:$PORT_MUTUAL CLIENT_CERT="$data/client.pem" CLIENT_KEY="$data/client.key"
try 'RSA client certificate' 0 '200 mutual' $L:$PORT_MUTUAL CLIENT_CERT="$data/rsa.pem" CLIENT_KEY="$data/rsa.key"
try 'other client certificate' 6 'answered 400' $L:$PORT_MUTUAL CLIENT_CERT="$data/unknown.pem" \
	CLIENT_KEY="$data/leaf.key"
try 'no CA file' 2 'cannot use the CA file' $L:$PORT_OK CA_FILE="$work/none"

P="http://user:p%61ssword@127.0.0.1:$PORT_PROXY"
try proxy 0 '200 ok' $L:$PORT_OK HTTPS_PROXY="$P"
try 'proxy, plain' 0 '200 plain' http://localhost:$PORT_PLAIN HTTP_PROXY="$P"
try 'proxy, expired' 6 'expired on' $L:$PORT_EXPIRED HTTPS_PROXY="$P"
try 'proxy without password' 7 'denies access' $L:$PORT_OK HTTPS_PROXY="http://127.0.0.1:$PORT_PROXY"
try 'proxy with wrong password' 7 'denies access' $L:$PORT_OK HTTPS_PROXY="http://user:x@127.0.0.1:$PORT_PROXY"
try 'proxy, closed port' 6 'cannot reach it' $L:1 HTTPS_PROXY="$P"
try 'no proxy there' 6 'cannot connect to the proxy' $L:$PORT_OK HTTPS_PROXY=http://127.0.0.1:1
try NO_PROXY 0 '200 ok' $L:$PORT_OK HTTPS_PROXY=http://127.0.0.1:1 NO_PROXY=.example,localhost
try 'bad proxy setting' 2 'HTTPS_PROXY' $L:$PORT_OK HTTPS_PROXY=ftp://x

echo "$passed passed, $failed failed"
[ $failed = 0 ]
