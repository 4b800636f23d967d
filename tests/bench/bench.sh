#!/bin/sh
# bench.sh BUILD PROG PEOPLE
#
# Time and peak memory of the steps with so many people, one line each. `fetch` runs against an OpenLDAP server
# if one is installed, side by side with ldapsearch for the same entries; `sync` against the simulated service.
# `accounts` is sync against the simulated service answering after 20 ms, beside the earlier program's figures;
# `million` is sync of a million people, for the memory that takes.
# `bounded` runs every command in little address space.
# PARTS says which: prepare json fetch web sync accounts bounded, and only when asked for million.
set -eu
umask 077
build=$1 people=$3
root=$PWD
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

# measure COMMAND...: its seconds, peak KiB and CPU seconds
measure() {
	("$bench" measure "$dir/out" "$@" && times) >"$dir/run" 2>"$dir/err" || { cat "$dir/err" >&2; exit 1; }
	# seconds and KiB, the times of the shell, and those of what it ran: 0m1.5s 0m0.2s
	awk 'NR == 1 { line = $0 }
		NR == 3 { split($0, t, /[ms ]+/); print line, t[1] * 60 + t[2] + t[3] * 60 + t[4] }' "$dir/run"
}

# step NAME RUNS FILE COMMAND...: the best of so many runs; FILE is what it reads or writes
step() {
	name=$1 runs=$2 file=$3
	shift 3
	: >"$dir/runs"
	for i in $(seq "$runs"); do
		measure "$@" >>"$dir/runs"
	done
	set -- $(sort -n "$dir/runs" | head -n 1)
	line "$name" "$1" "$2" "$3" "$file"
	seconds=$1 cpu=$3
}

# times_earlier SECONDS: how many times faster the last step was than the program that this one took the place
# of, which took so long for 100,000 people, all of it processor time
times_earlier() {
	awk -v s="$cpu" -v earlier="$1" -v n="$people" 'BEGIN {
		if (s <= 0) s = 0.01
		printf "%-32s %19.0f\n", "  times the earlier program", earlier * n / 100000 / s
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
	TIMECAMP_EXCLUDE_REGEX='job_title="(Contractor|Intern)'
	TIMECAMP_CHANGE_GROUPS_REGEX='(?i)vertrieb|||Sales;;;\s*&\s*|||+'
	TIMECAMP_PREPARE_TRANSFORM_CONFIG='{"exclude": {"property": "status", "string": {"equals": "gone"}},
		"filter": {"property": "department", "string": {"ends_with": "Tier 1"}},
		"transform": [{"property": "job_title", "action": "replace_all", "value": "Agent"}]}'
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

# ---- sync against a service that takes its time --------------------------------------------------------

# settings DOMAIN JOBS
settings() {
	cat >.env <<-END
	TIMECAMP_API_KEY=0123456789abcdef
	TIMECAMP_DOMAIN=$1
	TIMECAMP_ROOT_GROUP_ID=100
	TIMECAMP_IGNORED_USER_IDS=1
	TIMECAMP_INVITE_BATCH=50
	SYNC_JOBS=$2
	CA_FILE=$root/tests/unit/data/tls/ca.pem
	END
}

# port_of FILE: waits until a program has written its port there
port_of() {
	until [ -s "$1" ]; do sleep 0.1; done
	cat "$1"
}

# account PEOPLE PERCENT JOBS OPTION...: an account of which so many differ from the file is served
account() {
	"$bench" account "$1" "$2" state.json people.json
	jobs=$3
	shift 3
	rm -rf var port relay
	"$sim" --state state.json --port-file port "$@" >sim.log 2>&1 &
	started=$!
	trap 'kill $started' EXIT
	sim_port=$(port_of port)
	settings "http://127.0.0.1:$sim_port" "$jobs"
}

# TLS before the account, with a certificate of the tests
with_tls() {
	(cd "$root" && exec "$bench" relay "$sim_port" "$dir/relay") &
	started="$started $!"
	settings "https://localhost:$(port_of relay)" "$jobs"
}

end_account() {
	kill $started
	wait $started || :
	trap - EXIT
}

# sync_line NAME EARLIER OPTION...: time, memory, what the simulator counted, and how much faster than the
# earlier program (seconds; 0: not known)
sync_line() {
	name=$1 earlier=$2
	shift 2
	measure "$prog" --quiet sync --input people.json "$@" >"$dir/runs"
	set -- $(cat "$dir/runs") $("$bench" counters "$sim_port")
	awk -v name="$name" -v earlier="$earlier" -v s="$1" -v kib="$2" -v cpu="$3" -v requests="$4" -v n="$5" 'BEGIN {
		ratio = earlier > 0 ? sprintf("%9.2f %6.1f", earlier, earlier / (s > 0 ? s : 0.01)) : ""
		printf "%-32s %9.2f %9.2f %9d %9d %9.1f %s\n", name, s, cpu, requests, n, kib / 1024, ratio
	}'
}

accounts_heading() {
	printf '%-32s %9s %9s %9s %9s %9s %9s %6s\n' "$1" seconds "CPU s" requests conns "peak MiB" earlier times
}

# The earlier program's figures are those of one request at a time, each on a new connection. For 1,000 new users it took
# 80.7 s (3,395 requests) and left them nameless; the names came with its second run, two requests each, as slow.
bench_accounts() {
	accounts_heading "20 ms a request, 8 at once"
	account 1000 100 8 --latency-ms 20
	sync_line "1,000 new users, with names" 128.2
	end_account
	account 10000 0 8 --latency-ms 20
	sync_line "10,000 users, nothing to do" 3.15
	end_account
	account 100000 0 8 --latency-ms 20
	sync_line "100,000 users, nothing to do" 27.2
	end_account
	for jobs in 8 16; do
		account 10000 5 $jobs --latency-ms 20
		sync_line "10,000, 5% changed, $jobs at once" 29.9
		end_account
	done
	account 1000 100 8 --latency-ms 20
	with_tls
	sync_line "1,000 new users over TLS" 210
	end_account
	for jobs in 1 8; do
		account 200 100 $jobs --latency-ms 20 --max-concurrent 1
		sync_line "200 new, one a time taken, $jobs" 0
		end_account
	done
}

bench_million() {
	accounts_heading "1,000,000 users, 1% changed"
	account 1000000 1 8
	sync_line "plan" 0 --dry-run
	sync_line "apply" 0
	end_account
}

# Every command in little address space: fails when one needs more.
bench_bounded() {
	(cd "$root" && "$root/$build/test_bounded" "$prog" "$child" "$dir/bounded" "$people")
}

rm -rf "$dir"
mkdir -p "$dir"
cd "$dir"
printf '%-32s %9s %9s %9s %9s %9s\n' "$people people" seconds "CPU s" people/s MB/s "peak MiB"
for part in ${PARTS:-prepare json fetch web sync accounts bounded}; do
	bench_$part
done
