#!/bin/sh
# bench.sh BUILD PROG PEOPLE
#
# Time and peak memory of the steps with so many people, one line each. `fetch` runs against an OpenLDAP server
# if one is installed, side by side with ldapsearch for the same entries; `sync` against the simulated service.
# PARTS says which: prepare json fetch web sync.
set -eu
umask 077
build=$1 people=$3
bench=$PWD/$build/bench
prog=$PWD/$2
web=$PWD/$build/test_web
child=$PWD/$build/test_child
sim=$PWD/$build/timecamp_sim
dir=$PWD/$build/bench.d
peer=$PWD/tests/peers/openldap.sh

# line NAME SECONDS KIB CPU-SECONDS [FILE]: people and megabytes a second go by people and the file's size
line() {
	bytes=0
	[ $# -lt 5 ] || bytes=$(wc -c <"$5")
	awk -v name="$1" -v s="$2" -v kib="$3" -v cpu="$4" -v n="$people" -v bytes="$bytes" 'BEGIN {
		if (s <= 0) s = 0.01
		printf "%-32s %9.2f %9.2f %9d %9.0f %9.1f\n", name, s, cpu, n / s, bytes / s / 1e6, kib / 1024
	}'
}

# step NAME RUNS FILE COMMAND...: the best of so many runs; FILE is what it reads or writes
step() {
	name=$1 runs=$2 file=$3
	shift 3
	: >"$dir/runs"
	for i in $(seq "$runs"); do
		("$bench" measure "$dir/out" "$@" && times) >"$dir/run" 2>"$dir/err" || { cat "$dir/err" >&2; exit 1; }
		# seconds and KiB, the times of the shell, and those of what it ran: 0m1.5s 0m0.2s
		awk 'NR == 1 { line = $0 }
			NR == 3 { split($0, t, /[ms ]+/); print line, t[1] * 60 + t[2] + t[3] * 60 + t[4] }' \
			"$dir/run" >>"$dir/runs"
	done
	set -- $(sort -n "$dir/runs" | head -n 1)
	line "$name" "$1" "$2" "$3" "$file"
	seconds=$1
}

# times_earlier SECONDS: how many times faster the last step was than the program that this one took the place
# of, which took so long for 100,000 people
times_earlier() {
	awk -v s="$seconds" -v earlier="$1" -v n="$people" 'BEGIN {
		if (s <= 0) s = 0.01
		printf "%-32s %9.0f\n", "  times the earlier program", earlier * n / 100000 / s
	}'
}

# prepare_mode NAME MODE SUPERVISORS DEPARTMENTS: and more settings from standard input
prepare_mode() {
	printf 'TIMECAMP_USE_SUPERVISOR_GROUPS=%s\nTIMECAMP_USE_DEPARTMENT_GROUPS=%s\n' "$3" "$4" >.env
	cat >>.env
	[ "$mode" = "$2" ] || "$bench" users "$people" "$2" >users.json
	mode=$2
	step "prepare, $1" 3 users.json "$prog" --quiet prepare --input users.json --output out.json
}

bench_prepare() {
	mode=
	prepare_mode supervisor supervisor true false </dev/null
	prepare_mode department department false true </dev/null
	times_earlier 14.5
	prepare_mode hybrid hybrid true true </dev/null
	times_earlier 15.1
	prepare_mode "hybrid, every option" hybrid true true <<-'END'
	TIMECAMP_SKIP_DEPARTMENTS=Acme/Sales,Acme
	TIMECAMP_USE_JOB_TITLE_NAME_USERS=true
	TIMECAMP_USE_JOB_TITLE_NAME_GROUPS=true
	TIMECAMP_SHOW_EXTERNAL_ID=true
	TIMECAMP_USE_IS_SUPERVISOR_ROLE=true
	TIMECAMP_REPLACE_EMAIL_DOMAIN=corp.example
	TIMECAMP_EXCLUDE_REGEX='job_title="(Contractor|Intern)|email="[^"]*7@'
	TIMECAMP_CHANGE_GROUPS_REGEX='(\w+)/Team ([AB])|||\1 \2;;;(?i)vertrieb|||Sales;;;\s*&\s*|||+'
	TIMECAMP_PREPARE_TRANSFORM_CONFIG='{"exclude": {"property": "raw_data.location.floor", "string": {"equals": "13"}},
		"filter": {"or": [{"property": "raw_data.tags.0", "string": {"contains": "or"}},
			{"not": {"property": "status", "string": {"equals": "active"}}}]},
		"transform": [{"property": "department", "action": "replace_all", "value": "Acme/Elsewhere/Team A"},
			{"property": "raw_data.seen", "action": "replace_all", "value": true}]}'
	END
	times_earlier 19.4
	step "tree" 1 out.json "$prog" --quiet tree --file out.json
	step "tree --detailed" 1 out.json "$prog" --quiet tree --file out.json --detailed
	step "tree --csv" 1 out.json "$prog" --quiet tree --file out.json --csv tree.csv
	step "tree --html" 1 out.json "$prog" --quiet tree --file out.json --html tree.html
}

bench_json() {
	[ -e users.json ] || "$bench" users "$people" department >users.json
	"$bench" json users.json
}

# An empty account that gets everybody, and then has nothing left to do.
bench_sync() {
	"$bench" users "$people" department >users.json
	: >.env
	"$prog" --quiet prepare --input users.json
	echo '{"groups": [{"group_id": "1", "name": "All", "parent_id": "0"}], "users": [], "root_group_id": 1}' >state.json
	"$sim" --state state.json --port-file port >sim.log 2>&1 &
	trap "kill $!" EXIT
	until [ -s port ]; do sleep 0.1; done
	cat >.env <<-END
	TIMECAMP_API_KEY=0123456789abcdef
	TIMECAMP_DOMAIN=http://127.0.0.1:$(cat port)
	TIMECAMP_ROOT_GROUP_ID=1
	NET_WAIT_SCALE=0
	END
	step "sync, everybody is new" 1 var/timecamp_users.json "$prog" --quiet sync timecamp
	step "sync, nothing to do" 1 var/timecamp_users.json "$prog" --quiet sync timecamp
	rm port
	kill $!
	trap - EXIT
}

bench_fetch() {
	[ -x /usr/sbin/slapd ] && command -v ldapsearch >/dev/null || {
		echo "(no OpenLDAP here: fetch is left out)"
		return 0
	}
	# another program may take the port in between
	"$peer" up "$dir/ldap" --users "$people" >ldap.env || "$peer" up "$dir/ldap" --users "$people" >ldap.env
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
	step "ldapsearch, the same entries" 3 "$dir/out" "$(command -v ldapsearch)" -x -LLL -H "ldap://$HOST:$PORT" -D "$BIND_DN" \
		-y password -b "$BASE_DN" -E pr=1000/noprompt \
		'(&(objectClass=person)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))' objectGUID sAMAccountName mail \
		displayName department title givenName sn mobile telephoneNumber streetAddress postalCode manager memberOf
	theirs=$seconds
	step "fetch ldap" 3 var/users.json "$prog" --quiet fetch ldap
	"$peer" down "$dir/ldap"
	trap - EXIT
	awk -v a="$seconds" -v b="$theirs" 'BEGIN { printf "%-32s %9.2f\n", "  times ldapsearch", a / b }'
}

# The sources over HTTP, against simulated services.
bench_web() {
	"$web" "$prog" "$child" web "$people"
}

rm -rf "$dir"
mkdir -p "$dir"
cd "$dir"
printf '%-32s %9s %9s %9s %9s %9s\n' "$people people" seconds "CPU s" people/s MB/s "peak MiB"
for part in ${PARTS:-prepare json fetch web sync}; do
	bench_$part
done
