#!/bin/bash
# web.sh up DIR | down DIR: nginx with one TLS port for each kind of certificate and protocol below, a plain port, and
# tinyproxy with a password in front. The certificates are those of tests/unit/data/tls.
set -eu
. "$(dirname "$0")/lib.sh"

data=$(cd "$peers/../unit/data/tls" && pwd)

# NAME CERTIFICATES KEY MORE...: nginx settings
endpoints='
ok ok leaf
rsa rsa rsa
chain below+middle leaf
disorder below+ca+middle leaf
address san leaf
expired expired leaf
wrong wrong leaf
unknown unknown leaf
incomplete below leaf
weak weak weak
sha1 sha1 leaf
client-only client-only leaf
tls11 ok leaf ssl_protocols TLSv1.1;
tls13 ok leaf ssl_protocols TLSv1.3;
both ok leaf ssl_protocols TLSv1.2 TLSv1.3;
gcm ok leaf ssl_ciphers ECDHE-ECDSA-AES256-GCM-SHA384;
chacha rsa rsa ssl_ciphers ECDHE-RSA-CHACHA20-POLY1305;
mutual ok leaf ssl_verify_client on; ssl_client_certificate DATA/ca.pem;'

server() { # NAME CERTIFICATES KEY MORE...
	name=$1 key=$3
	: >"$dir/$name.pem"
	for c in ${2//+/ }; do cat "$data/$c.pem" >>"$dir/$name.pem"; done
	shift 3
	free_ports
	while grep -qs ":$port " "$dir/nginx.conf"; do free_ports; done
	echo "server { listen 127.0.0.1:$port ssl; ssl_certificate $dir/$name.pem; ssl_certificate_key $data/$key.key;"
	case "$*" in *ssl_protocols*) ;; *) echo 'ssl_protocols TLSv1.2;' ;; esac
	echo "${*//DATA/$data} return 200 '$name\n'; }"
	setting "PORT_$(echo "$name" | tr 'a-z-' 'A-Z_')" "$port" >&3
}

nginx_conf() {
	cat <<-END
	daemon off; master_process off; pid $dir/nginx.run; error_log $dir/error.log;
	events { worker_connections 64; }
	http {
	access_log off; default_type text/plain; ssl_session_cache off;
	client_body_temp_path $dir/t1; proxy_temp_path $dir/t2; fastcgi_temp_path $dir/t3;
	uwsgi_temp_path $dir/t4; scgi_temp_path $dir/t5;
	END
	echo "$endpoints" | while read -r line; do
		[ -z "$line" ] || server $line
	done
	free_ports
	setting PORT_PLAIN "$port" >&3
	echo "server { listen 127.0.0.1:$port ; return 200 'plain\n'; } }"
}

up() {
	mkdir -p "$dir"
	: >"$dir/env"
	need nginx-light tinyproxy-bin
	# what is too old for the system's OpenSSL is wanted here
	printf '%s\n' 'openssl_conf = a' '[a]' 'ssl_conf = b' '[b]' 'system_default = c' '[c]' 'MinProtocol = TLSv1' \
		'CipherString = DEFAULT:@SECLEVEL=0' >"$dir/openssl.cnf"
	nginx_conf 3>&1 >"$dir/nginx.conf"
	OPENSSL_CONF=$dir/openssl.cnf /usr/sbin/nginx -p "$dir" -e "$dir/error.log" -c "$dir/nginx.conf" \
		>"$dir/nginx.log" 2>&1 </dev/null &
	echo $! >"$dir/nginx.pid"
	port=$(sed -n "s/^PORT_PLAIN='\(.*\)'/\1/p" "$dir/env")
	await 127.0.0.1 "$port" 10 "$(cat "$dir/nginx.pid")" || fail "nginx does not start, see $dir/nginx.log"
	free_ports
	printf '%s\n' "Port $port" 'Listen 127.0.0.1' 'Timeout 30' "LogFile \"$dir/proxy.log\"" 'MaxClients 20' \
		'BasicAuth user password' >"$dir/proxy.conf"
	tinyproxy -d -c "$dir/proxy.conf" >"$dir/proxy.out" 2>&1 </dev/null &
	echo $! >"$dir/proxy.pid"
	await 127.0.0.1 "$port" 10 "$(cat "$dir/proxy.pid")" || fail "tinyproxy does not start, see $dir/proxy.out"
	setting PORT_PROXY "$port"
}

[ $# = 2 ] || fail 'usage: up DIR | down DIR'
mkdir -p "$2"
dir=$(cd "$2" && pwd)
case $1 in
up) up ;;
down) stop "$dir/nginx.pid"; stop "$dir/proxy.pid" ;;
*) fail 'usage: up DIR | down DIR' ;;
esac
