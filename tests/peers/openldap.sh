#!/bin/bash
# openldap.sh up DIR [options] | down DIR
#
# An OpenLDAP server on 127.0.0.1 with the company of data/openldap.ldif: LDAP and StartTLS on PORT, LDAPS on
# LDAPS_PORT, a certificate for "localhost". Like many real ones it refuses anonymous binds, gives at most 500
# entries without paging and at most 1000 a page.
#
#   --users N       N more people below ou=Bulk
#   --cert ec|rsa   kind of the server's key (ec)
#   --require-tls   no bind without TLS
set -eu
. "$(dirname "$0")/lib.sh"

base=dc=corp,dc=example
password=Sync-Pass.1

# bulk N: LDIF of N people in 40 sites of 20 teams. Every 25th leads the next 24; leads have a lead of their own.
bulk() {
	awk -v n="$1" -v base="$base" '
	function site(i) { return sprintf("%02d", int(i / 500) % 40) }
	function team(i) { return sprintf("%02d", int(i / 25) % 20) }
	function dn(i) { return sprintf("cn=b%06d,ou=Team %s,ou=Site %s,ou=Bulk,%s", i, team(i), site(i), base) }
	function unit(where, name) { printf "dn: %s\nobjectClass: organizationalUnit\nou: %s\n\n", where, name }
	BEGIN {
		unit("ou=Bulk," base, "Bulk")
		for (i = 0; i < n; i++) {
			s = site(i); t = team(i)
			if (!(s in seen)) { seen[s]; unit("ou=Site " s ",ou=Bulk," base, "Site " s) }
			if (!((s, t) in seen)) {
				seen[s, t]
				unit("ou=Team " t ",ou=Site " s ",ou=Bulk," base, "Team " t)
			}
			boss = i % 25 ? i - i % 25 : int((i / 25 - 1) / 8) * 25
			printf "dn: %s\nobjectClass: inetOrgPerson\nobjectClass: adLikeUser\n", dn(i)
			printf "cn: b%06d\nuid: b%06d\nsAMAccountName: b%06d\n", i, i, i
			printf "givenName: Given%d\nsn: Sur%d\ndisplayName: Given%d Sur%d %d\n", i % 97, i % 89, i % 97, i % 89, i
			printf "mail: b%06d@corp.example\ndepartment: Site %s/Team %s\n", i, s, t
			printf "title: %s\nuserAccountControl: %d\n", i % 25 ? "Member" : "Lead", i % 50 == 49 ? 514 : 512
			if (i) printf "manager: %s\n", dn(boss)
			printf "memberOf: cn=site %s,ou=Groups,%s\nmemberOf: cn=bulk all,ou=Groups,%s\n", s, base, base
			printf "objectGUID: guid-b%010d\n\n", i
		}
	}'
}

write_config() {
	cat >"$dir/ad.schema" <<-'END'
	attributetype ( 1.2.840.113556.1.4.2 NAME 'objectGUID' EQUALITY octetStringMatch
	  SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )
	attributetype ( 1.2.840.113556.1.4.221 NAME 'sAMAccountName' EQUALITY caseIgnoreMatch
	  SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
	attributetype ( 1.2.840.113556.1.4.8 NAME 'userAccountControl' EQUALITY integerMatch
	  ORDERING integerOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
	attributetype ( 1.2.840.113556.1.2.141 NAME 'department' EQUALITY caseIgnoreMatch
	  SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
	objectclass ( 1.3.6.1.4.1.4203.666.11.88.1 NAME 'adLikeObject' SUP top AUXILIARY MAY objectGUID )
	objectclass ( 1.3.6.1.4.1.4203.666.11.88.2 NAME 'adLikeUser' SUP top AUXILIARY
	  MAY ( objectGUID $ sAMAccountName $ userAccountControl $ department ) )
	END
	cat >"$dir/slapd.conf" <<-END
	include /etc/ldap/schema/core.schema
	include /etc/ldap/schema/cosine.schema
	include /etc/ldap/schema/inetorgperson.schema
	include $dir/ad.schema
	modulepath /usr/lib/ldap
	moduleload back_mdb
	moduleload memberof
	disallow bind_anon
	$1
	TLSCACertificateFile $tls/ca.crt
	TLSCertificateFile $tls/server.crt
	TLSCertificateKeyFile $tls/server.key
	threads 4
	database mdb
	suffix "$base"
	directory $dir/db
	maxsize 4294967296
	dbnosync
	require authc
	index objectClass,member,memberOf,manager eq
	limits * size.soft=500 size.hard=500 size.pr=1000 size.prtotal=unlimited
	access to attrs=userPassword by anonymous auth by * none
	access to * by users read by * none
	overlay memberof
	END
}

load() {
	rm -rf "${dir:?}/db"
	mkdir "$dir/db"
	{
		cat "$peers/data/openldap.ldif"
		[ "$1" = 0 ] || bulk "$1"
	} >"$dir/load.ldif"
	/usr/sbin/slapadd -q -f "$dir/slapd.conf" -b "$base" -l "$dir/load.ldif" >"$dir/slapadd.log" 2>&1 ||
		fail "slapadd failed, see $dir/slapadd.log"
	rm "$dir/load.ldif"
}

start() {
	/usr/sbin/slapd -d 0 -f "$dir/slapd.conf" -h "ldap://127.0.0.1:$port ldaps://127.0.0.1:$((port + 1))" \
		>"$dir/slapd.log" 2>&1 </dev/null &
	echo $! >"$dir/slapd.pid"
	await 127.0.0.1 "$port" 30 $! && await 127.0.0.1 $((port + 1)) 5 $!
}

up() {
	users=0 cert=ec rule=
	while [ $# -gt 0 ]; do
		case $1 in
		--users) users=$2; shift ;;
		--cert) cert=$2; shift ;;
		--require-tls) rule='security simple_bind=128 tls=128' ;;
		*) fail "unknown option $1" ;;
		esac
		shift
	done
	need slapd ldap-utils openssl
	stop "$dir/slapd.pid"
	: >"$dir/env"
	tls=$dir/tls-$cert
	certificate "$tls" "$cert" "DNS:localhost,DNS:$(uname -n),IP:127.0.0.1"
	write_config "$rule"
	load "$users"
	free_ports
	start || { free_ports; start; } || fail "slapd does not start, see $dir/slapd.log"
	setting HOST localhost
	setting PORT "$port"
	setting LDAPS_PORT $((port + 1))
	setting DOMAIN corp.example
	setting BASE_DN "$base"
	setting BIND_DN "uid=sync@corp.example,ou=Services,$base"
	setting PASSWORD "$password"
	setting CA_FILE "$tls/ca.crt"
}

[ $# -ge 2 ] || fail "usage: up DIR [options] | down DIR"
command=$1
mkdir -p "$2"
dir=$(cd "$2" && pwd)
shift 2
case $command in
up) up "$@" ;;
down) stop "$dir/slapd.pid" ;;
*) fail "unknown command $command" ;;
esac
