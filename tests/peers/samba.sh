#!/bin/bash
# samba.sh up DIR | down DIR
#
# A Samba Active Directory domain controller, only its LDAP server, with the company of data/samba.ldif. Its ports
# cannot be chosen: 389 and 636 of 127.0.0.2, known as dc1.ad.corp.example (put into /etc/hosts). Must be root. It
# refuses a simple bind without TLS; its certificate is the one that Samba makes for itself, with the name in CN only.
set -eu
. "$(dirname "$0")/lib.sh"

address=127.0.0.2
name=dc1.ad.corp.example
mark='# rollcall test peer'
password=Sync-Pass.1

# hosts_without: /etc/hosts without our line (in place: it may be a mount)
hosts_without() {
	kept=$(grep -v "$mark" /etc/hosts || true)
	printf '%s\n' "$kept" >/etc/hosts
}

down() {
	stop "$dir/samba.pid"
	hosts_without
}

provision() {
	rm -rf "${dir:?}/domain"
	samba-tool domain provision --realm=AD.CORP.EXAMPLE --domain=ADCORP --server-role=dc --dns-backend=NONE \
		--host-name=dc1 --host-ip=$address --adminpass="Adm-$password" --targetdir="$dir/domain" \
		--option="interfaces = $address/8" --option='bind interfaces only = yes' \
		--option='vfs objects = dfs_samba4 acl_xattr xattr_tdb' >"$dir/provision.log" 2>&1 ||
		fail "cannot make the domain, see $dir/provision.log"
}

write_config() {
	mkdir -p "$dir/run" "$dir/domain/cache"
	cat >"$dir/smb.conf" <<-END
	[global]
	netbios name = DC1
	realm = AD.CORP.EXAMPLE
	workgroup = ADCORP
	server role = active directory domain controller
	server services = ldap
	dcerpc endpoint servers =
	interfaces = $address/8
	bind interfaces only = yes
	ldap server require strong auth = yes
	private dir = $dir/domain/private
	lock directory = $dir/domain
	state directory = $dir/domain/state
	cache directory = $dir/domain/cache
	binddns dir = $dir/domain/bind-dns
	pid directory = $dir/run
	ncalrpc dir = $dir/run/ncalrpc
	log file = $dir/samba.log
	END
}

# Objects with ids of our own can only be added with the control 'relax', so not over LDAP.
load() {
	db="-H $dir/domain/private/sam.ldb --configfile=$dir/smb.conf"
	{
		ldbadd $db --controls=relax:0 "$peers/data/samba.ldif"
		ldbmodify $db "$peers/data/samba_links.ldif"
		samba-tool user create svc-sync "$password" --userou=OU=Services $db
	} >"$dir/load.log" 2>&1 || fail "cannot fill the domain, see $dir/load.log"
}

up() {
	[ "$(id -u)" = 0 ] || fail "must be root"
	[ ${#dir} -le 75 ] || fail "$dir is too long for the names of Unix sockets"
	need samba samba-dsdb-modules samba-vfs-modules samba-ad-provision winbind python3-samba ldb-tools ldap-utils
	down
	! answers $address 636 || fail "something else listens on $address:636"
	: >"$dir/env"
	provision
	write_config
	load
	samba -F -M single --no-process-group -s "$dir/smb.conf" >"$dir/samba.out" 2>&1 </dev/null &
	echo $! >"$dir/samba.pid"
	# it makes its key now
	await $address 636 120 $! && await $address 389 10 $! || fail "samba does not start, see $dir/samba.out"
	[ -z "$(tail -c1 /etc/hosts)" ] || echo >>/etc/hosts
	echo "$address $name $mark" >>/etc/hosts
	setting HOST $name
	setting PORT 389
	setting LDAPS_PORT 636
	setting DOMAIN ad.corp.example
	setting BASE_DN DC=ad,DC=corp,DC=example
	setting BIND_DN svc-sync@ad.corp.example
	setting PASSWORD "$password"
	setting CA_FILE "$dir/domain/private/tls/ca.pem"
}

[ $# -eq 2 ] || fail "usage: up DIR | down DIR"
mkdir -p "$2"
dir=$(cd "$2" && pwd)
case $1 in
up) up ;;
down) down ;;
*) fail "unknown command $1" ;;
esac
