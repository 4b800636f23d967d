#!/bin/sh
# make.sh: makes the certificates and keys of this folder, with openssl. They are good for a hundred years (but for
# those that are meant not to be), so that nobody has to run it again.
set -eu
cd "$(dirname "$0")"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
quiet() { "$@" 2>"$tmp/err" || { cat "$tmp/err" >&2; exit 1; }; }

# key NAME: a P-256 key; rsa NAME BITS
key() { quiet openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }
rsa() { quiet openssl genrsa -traditional -out "$1.key" "$2"; }

# cert NAME CN ISSUER EXTENSIONS [START END] [MD]: a certificate for NAME.key, or else leaf.key; self-signed if ISSUER
# is NAME
cert() {
	name=$1 cn=$2 issuer=$3 ext=$4 start=${5:-20200101000000Z} end=${6:-21200101000000Z} md=${7:-sha256}
	k=$name.key
	[ -f "$k" ] || k=leaf.key
	: >"$tmp/index"
	echo 01 >"$tmp/serial"
	rm -f "$tmp/index.attr"
	cat >"$tmp/cnf" <<-END
	[ca]
	default_ca = c
	[c]
	database = $tmp/index
	serial = $tmp/serial
	new_certs_dir = $tmp
	policy = p
	[p]
	organizationName = optional
	commonName = optional
	[x]
	$(printf '%s\n' "$ext" | tr ';' '\n')
	END
	sed -i 's/^[[:space:]]*//' "$tmp/cnf"
	quiet openssl req -new -key "$k" -subj "/O=Unit Test/CN=$cn" -out "$tmp/csr"
	by="-cert $issuer.pem"
	[ "$issuer" != "$name" ] || by=-selfsign
	# shellcheck disable=SC2086
	quiet openssl ca -batch -notext -config "$tmp/cnf" -extensions x -keyfile "$issuer.key" $by -startdate "$start" \
		-enddate "$end" -md "$md" -in "$tmp/csr" -out "$name.pem"
}

LEAF='basicConstraints=critical,CA:FALSE;extendedKeyUsage=serverAuth'
LH='subjectAltName=DNS:localhost'
CA='basicConstraints=critical,CA:TRUE'
rm -f ./*.pem ./*.key

key ca; cert ca "Unit Root" ca "$CA"
key other; cert other "Somebody else" other "$CA"
key leaf
cert ok localhost ca "$LEAF;$LH"
cert san x ca "$LEAF;subjectAltName=DNS:a.example,DNS:*.b.example,IP:127.0.0.1,IP:::1"
cert cn-only localhost ca "$LEAF"
cert wrong other.example ca "$LEAF;subjectAltName=DNS:other.example"
cert expired localhost ca "$LEAF;$LH" 20200101000000Z 20210203040506Z
cert future localhost ca "$LEAF;$LH" 20900101000000Z
cert client-only localhost ca "basicConstraints=critical,CA:FALSE;extendedKeyUsage=clientAuth;$LH"
cert any-use localhost ca "basicConstraints=critical,CA:FALSE;extendedKeyUsage=anyExtendedKeyUsage;$LH"
cert unknown localhost other "$LEAF;$LH"
cert sha1 localhost ca "$LEAF;$LH" 20200101000000Z 21200101000000Z sha1
cert critical localhost ca "$LEAF;$LH;1.3.6.1.4.1.55555.1=critical,ASN1:NULL"
rsa weak 1024; cert weak localhost ca "$LEAF;$LH"
rsa rsa 2048; cert rsa localhost ca "basicConstraints=critical,CA:FALSE;extendedKeyUsage=serverAuth,clientAuth;$LH"
key middle; cert middle "Unit Intermediate" ca "$CA,pathlen:0"
cert below localhost middle "$LEAF;$LH"
rsa weak-ca 1024; cert weak-ca "Unit Weak" ca "$CA"
cert below-weak localhost weak-ca "$LEAF;$LH"
key no-ca; cert no-ca not-a-ca.example ca "$LEAF"
cert below-leaf localhost no-ca "$LEAF;$LH"
key self; cert self localhost self "$LEAF;$LH"
key client; cert client "sync client" ca "basicConstraints=critical,CA:FALSE;extendedKeyUsage=clientAuth"
# other forms of keys
quiet openssl pkcs8 -topk8 -nocrypt -in rsa.key -out rsa-pkcs8.key
quiet openssl pkcs8 -topk8 -passout pass:secret -in client.key -out encrypted.key
quiet openssl x509 -in ca.pem -outform DER -out ca.der
rm -f other.key ca.key middle.key weak-ca.key no-ca.key self.key
