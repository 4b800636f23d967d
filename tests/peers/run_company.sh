#!/bin/bash
# run_company.sh PROGRAM BUILD: a company of 1,000 from a real LDAP server into a simulated account, end to end: right
# groups, right roles, and a second run that has nothing to do. Ends with "N passed, M failed".
set -u
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
sim=$(cd "$2" && pwd)/timecamp_sim
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap '"$here/openldap.sh" down "$work/openldap"; stop_sim; rm -rf "$work"' EXIT
passed=0 failed=0

stop_sim() { [ -z "${sim_id-}" ] || kill "$sim_id" 2>/dev/null; sim_id=; }

check() { # NAME COMMAND...
	name=$1
	shift
	if "$@" >"$work/out" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "failed: $name"
		tail -n 20 "$work/out"
	fi
}

# ask URL [BODY]: what the simulator answers; a body makes it a POST
ask() {
	/usr/bin/python3 -c '
import sys, urllib.request
print(urllib.request.urlopen(sys.argv[1], *map(str.encode, sys.argv[2:])).read().decode())' "$@"
}

start_sim() {
	echo '{"root_group_id":"1","next_group_id":100,"next_user_id":1000,"groups":[{"group_id":"1","name":"Company",' \
		'"parent_id":"0"}],"users":[]}' >"$work/state.json"
	rm -f "$work/port"
	"$sim" --state "$work/state.json" --port-file "$work/port" >"$work/sim.log" 2>&1 &
	sim_id=$!
	for i in $(seq 50); do
		[ ! -s "$work/port" ] || break
		sleep 0.1
	done
	url=http://127.0.0.1:$(cat "$work/port")
}

# run ARGUMENTS...: the program in a folder with the settings
run() { (cd "$work/run" && env -i NET_WAIT_SCALE=0 "$program" "$@"); }

right() {
	ask "$url/_sim/state" >"$work/now.json"
	/usr/bin/python3 "$here/same_account.py" "$work/now.json" "$work/run/var/timecamp_users.json"
}

plans_nothing() { run sync --dry-run 2>&1 | grep 'Nothing to do'; }

nothing_sent() { ask "$url/_sim/calls" | grep -q '"calls": *\[ *\]'; }

# one KIND SETTING...: a whole round with a fresh account
one() {
	kind=$1
	shift
	start_sim
	rm -rf "$work/run"
	mkdir "$work/run"
	{
		echo "LDAP_HOST=$HOST"
		echo "LDAP_PORT=$PORT"
		echo "LDAP_DOMAIN=$DOMAIN"
		echo "LDAP_DN=$BASE_DN"
		echo "LDAP_USERNAME=$BIND_DN"
		echo "LDAP_PASSWORD=$PASSWORD"
		echo "LDAP_FILTER=(&(objectClass=person)(sAMAccountName=*)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))"
		echo "TIMECAMP_API_KEY=test"
		echo "TIMECAMP_DOMAIN=$url"
		echo "TIMECAMP_ROOT_GROUP_ID=1"
		printf '%s\n' "$@"
	} >"$work/run/.env"
	chmod 600 "$work/run/.env"
	check "$kind: run" run run ldap timecamp
	check "$kind: groups and roles" right
	ask "$url/_sim/clear" '' >/dev/null
	check "$kind: second run" run run ldap timecamp
	check "$kind: nothing sent" nothing_sent
	check "$kind: nothing planned" plans_nothing
	stop_sim
}

if answer=$("$here/openldap.sh" up "$work/openldap" --users 1000); then
	eval "$answer"
	one department
	one supervisor TIMECAMP_USE_SUPERVISOR_GROUPS=true TIMECAMP_USE_DEPARTMENT_GROUPS=false \
		LDAP_SUPERVISOR_GROUP_NAME=tc_supervisors LDAP_GLOBAL_ADMIN_GROUP_NAME=tc_admins
else
	failed=1
fi
echo "$passed passed, $failed failed"
[ $failed = 0 ]
