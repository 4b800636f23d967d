#!/bin/sh
# sbom.sh: makes build/rollcall-VERSION.cdx.json, the parts list of a release (CycloneDX 1.5): this program and the four
# packages inside it, from the table in vendor/README.md. The same tree gives the same bytes.
set -eu
LC_ALL=C
export LC_ALL
version=$(sed -n 's/^#define ROLLCALL_VERSION "\(.*\)"/\1/p' src/base/version.h)
out=build/rollcall-$version.cdx.json
mkdir -p build

# One component a line of the table: folder, name and version, licence, origin, SHA-256.
components=$(awk -F'|' '
	/^\| `/ {
		gsub(/[` ]/, "", $2); sub(/\/$/, "", $2)
		n = split($3, words, " ")
		name = words[1]; version = words[2]
		licence = $4 ~ /MIT/ ? "MIT" : $4 ~ /BSD/ ? "BSD-3-Clause" : "blessing"
		origin = $5; gsub(/[`"]/, "", origin); gsub(/^ +| +$/, "", origin)
		hash = $6; gsub(/[` ]/, "", hash)
		printf "%s    {\n      \"type\": \"library\",\n      \"bom-ref\": \"vendor/%s\",\n", comma, $2
		printf "      \"name\": \"%s\",\n      \"version\": \"%s\",\n", name, version
		printf "      \"licenses\": [{\"license\": {\"id\": \"%s\"}}],\n", licence
		printf "      \"hashes\": [{\"alg\": \"SHA-256\", \"content\": \"%s\"}],\n", hash
		printf "      \"properties\": [{\"name\": \"origin\", \"value\": \"%s\"}]\n    }", origin
		comma = ",\n"
	}' vendor/README.md)
[ "$(printf '%s\n' "$components" | grep -c '"type": "library"')" -eq "$(find vendor -mindepth 1 -maxdepth 1 -type d | wc -l)" ] || {
	echo "sbom.sh: vendor/README.md does not list the folders of vendor/" >&2
	exit 1
}
cat >"$out" <<EOT
{
  "bomFormat": "CycloneDX",
  "specVersion": "1.5",
  "version": 1,
  "metadata": {
    "component": {
      "type": "application",
      "bom-ref": "rollcall",
      "name": "rollcall",
      "version": "$version",
      "licenses": [{"license": {"id": "MIT"}}]
    }
  },
  "components": [
$components
  ],
  "dependencies": [
    {"ref": "rollcall", "dependsOn": ["vendor/bearssl", "vendor/jsmn", "vendor/pcre2", "vendor/sqlite"]}
  ]
}
EOT
echo "$out"
