#!/bin/sh
# bench.sh BUILD PROG PEOPLE
#
# Time and peak memory of the steps with so many people, one line each. `fetch` runs against an OpenLDAP server
# if one is installed, side by side with ldapsearch for the same entries.
set -eu
build=$1 people=$3
bench=$PWD/$build/bench
prog=$PWD/$2
dir=$PWD/$build/bench.d
peer=$PWD/tests/peers/openldap.sh

# line NAME SECONDS KIB [FILE]: people and megabytes a second go by people and the file's size
line() {
	bytes=0
	[ $# -lt 4 ] || bytes=$(wc -c <"$4")
	awk -v name="$1" -v s="$2" -v kib="$3" -v n="$people" -v bytes="$bytes" 'BEGIN {
		if (s <= 0) s = 0.01
		printf "%-32s %9.2f %9d %9.0f %9.1f\n", name, s, n / s, bytes / s / 1e6, kib / 1024
	}'
}

# step NAME FILE COMMAND...: the best of three runs; FILE is what it reads or writes
step() {
	name=$1 file=$2
	shift 2
	: >"$dir/runs"
	for i in 1 2 3; do
		"$bench" measure "$dir/out" "$@" >>"$dir/runs" 2>"$dir/err" || { cat "$dir/err" >&2; exit 1; }
	done
	set -- $(sort -n "$dir/runs" | head -n 1)
	line "$name" "$1" "$2" "$file"
	seconds=$1
}

bench_prepare() {
	for mode in department supervisor hybrid; do
		"$bench" users "$people" $mode >users.json
		case $mode in
		department) s=false d=true ;;
		supervisor) s=true d=false ;;
		hybrid) s=true d=true ;;
		esac
		printf 'TIMECAMP_USE_SUPERVISOR_GROUPS=%s\nTIMECAMP_USE_DEPARTMENT_GROUPS=%s\n' $s $d >.env
		step "prepare, $mode" users.json "$prog" --quiet prepare --input users.json --output out.json
	done
}

# Each run in turn, so that both see the same machine.
bench_fetch() {
	[ -x /usr/sbin/slapd ] && command -v ldapsearch >/dev/null || {
		echo "(no OpenLDAP here: fetch is left out)"
		return 0
	}
	"$peer" up "$dir/ldap" --users "$people" >ldap.env
	trap '"$peer" down "$dir/ldap"' EXIT
	. ./ldap.env
	printf '%s' "$PASSWORD" >password
	cat >.env <<-END
	LDAP_HOST=$HOST
	LDAP_PORT=$PORT
	LDAP_DOMAIN=$DOMAIN
	LDAP_DN=$BASE_DN
	LDAP_USERNAME=$BIND_DN
	LDAP_PASSWORD=$PASSWORD
	LDAP_USE_SSL=false
	LDAP_USE_START_TLS=false
	END
	step "ldapsearch, the same entries" "$dir/out" "$(command -v ldapsearch)" -x -LLL -H "ldap://$HOST:$PORT" -D "$BIND_DN" \
		-y password -b "$BASE_DN" -E pr=1000/noprompt \
		'(&(objectClass=person)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))' objectGUID sAMAccountName mail \
		displayName department title givenName sn mobile telephoneNumber streetAddress postalCode manager memberOf
	theirs=$seconds
	step "fetch ldap" var/users.json "$prog" --quiet fetch ldap
	awk -v a="$seconds" -v b="$theirs" 'BEGIN { printf "%-32s %9.2f\n", "  times ldapsearch", a / b }'
}

mkdir -p "$dir"
cd "$dir"
echo "$people people               seconds  people/s      MB/s  peak MiB"
bench_prepare
"$bench" json users.json
[ ! -x "$peer" ] || bench_fetch
