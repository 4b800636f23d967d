# What the scripts of the peers share; sourced. A peer is a real server that the program is tried against. Its script
# takes "up DIR [options]", keeps everything below DIR and prints NAME='value' lines, and "down DIR".

peers=$(cd "$(dirname "$0")" && pwd)

tell() { echo "${0##*/}: $*" >&2; }
fail() { tell "$*"; exit 1; }

# need PACKAGE...: Debian packages; installs what is missing where that is allowed.
need() {
	missing=
	for p in "$@"; do
		dpkg-query -W -f='${db:Status-Status}\n' "$p" 2>/dev/null | grep -qx installed || missing="$missing $p"
	done
	[ -n "$missing" ] || return 0
	[ "$(id -u)" = 0 ] || fail "please install:$missing"
	tell "installing$missing"
	# no package may start a service of its own
	policy=/usr/sbin/policy-rc.d made=
	[ -e $policy ] || { printf '#!/bin/sh\nexit 101\n' >$policy; chmod 755 $policy; made=1; }
	DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 -y -q --no-install-recommends install \
		$missing >"$dir/apt.log" 2>&1 || failed=1
	[ -z "$made" ] || rm -f $policy
	[ -z "${failed-}" ] || fail "cannot install$missing, see $dir/apt.log"
}

# answers ADDRESS PORT: whether something listens there
answers() { (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; }

# await ADDRESS PORT SECONDS PID: until it does, or the process has ended
await() {
	tries=$(($3 * 10))
	until answers "$1" "$2"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] && kill -0 "$4" 2>/dev/null || return 1
		sleep 0.1
	done
}

# free_ports: sets port so that nobody uses it and the one after it on 127.0.0.1 now
free_ports() {
	while :; do
		port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
		answers 127.0.0.1 $port || answers 127.0.0.1 $((port + 1)) || return 0
	done
}

# stop FILE: ends the process whose id is in the file
stop() {
	[ -s "$1" ] || return 0
	pid=$(cat "$1")
	rm -f "$1"
	kill "$pid" 2>/dev/null || return 0
	for i in $(seq 100); do
		kill -0 "$pid" 2>/dev/null || return 0
		sleep 0.1
	done
	kill -9 "$pid" 2>/dev/null || true
}

# setting NAME VALUE: printed, and kept in DIR/env
setting() { printf "%s='%s'\n" "$1" "$2" | tee -a "$dir/env"; }

# certificate FOLDER KIND NAMES: a CA (ca.crt) and a server's certificate (server.crt, server.key) for the names of a
# subjectAltName; KIND is ec or rsa
certificate() {
	[ ! -s "$1/server.crt" ] || return 0
	mkdir -p "$1"
	case $2 in
	rsa) kind='-newkey rsa:2048' ;;
	*) kind='-newkey ec -pkeyopt ec_paramgen_curve:P-256' ;;
	esac
	openssl req -x509 $kind -nodes -keyout "$1/ca.key" -out "$1/ca.crt" -days 3000 -subj '/CN=Test CA' \
		-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign 2>/dev/null
	openssl req $kind -nodes -keyout "$1/server.key" -out "$1/server.csr" -subj '/CN=localhost' 2>/dev/null
	printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\n' "$3" >"$1/server.ext"
	openssl x509 -req -in "$1/server.csr" -CA "$1/ca.crt" -CAkey "$1/ca.key" -CAcreateserial -days 800 \
		-extfile "$1/server.ext" -out "$1/server.crt" 2>/dev/null
}
