#!/bin/bash
# run_ldap.sh PROGRAM: the cases of tests/golden/ldap against real servers, which it starts and stops. Ends with
# "N passed, M failed".
set -u
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'for p in openldap samba; do [ ! -d "$work/$p" ] || "$here/$p.sh" down "$work/$p"; done; rm -rf "$work"' EXIT
passed=0 failed=0

result() { # NAME STATUS
	if [ "$2" = 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "failed: $1"
	fi
}

# fill CASE: its settings as env arguments, with what the server said put in for {NAME}
fill() {
	while IFS= read -r line; do
		case $line in '' | '#'*) continue ;; esac
		for name in HOST PORT LDAPS_PORT DOMAIN BIND_DN PASSWORD BASE_DN CA_FILE; do
			line=${line//"{$name}"/${!name}}
		done
		settings+=("$line")
	done <"$1/case.env"
}

run_case() {
	rm -rf "$work/case"
	mkdir "$work/case"
	settings=()
	fill "$1"
	(cd "$work/case" && env -i "${settings[@]}" "$program" fetch ldap --quiet) &&
		/usr/bin/python3 "$here/same_users.py" "$1/expected_users.json" "$work/case/var/users.json"
}

# serve SCRIPT [OPTIONS]: starts it and runs the cases that ask for just that
serve() {
	peer=$*
	script=$1
	shift
	mkdir -p "$work/${script%.sh}"
	if ! answer=$("$here/$script" up "$work/${script%.sh}" "$@"); then
		result "$script" 1
		return
	fi
	eval "$answer"
	for case in "$top"/tests/golden/ldap/*/; do
		grep -qx "# peer: $peer" "$case/case.env" || continue
		run_case "${case%/}"
		result "$(basename "$case")" $?
	done
	"$here/$script" down "$work/${script%.sh}"
}

serve openldap.sh
serve openldap.sh --cert rsa
serve samba.sh
echo "$passed passed, $failed failed"
[ $failed = 0 ]
