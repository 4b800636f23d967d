#!/bin/sh
# dist.sh: makes build/rollcall-VERSION.tar.gz, everything needed to build and test without network.
#
# The same tree gives the same bytes, whenever and wherever: a fixed list of folders, names sorted, one time
# stamp for all, modes 644 and 755, owner 0, no name or time in the gzip header. Tar programs differ in how
# owner and format are told, and POSIX's pax cannot set the owner at all, so the archive is written with GNU
# tar or libarchive's bsdtar if there is one; with any other tar the owner in the archive is who made it, and
# gzip's version matters to all.
set -eu
LC_ALL=C TZ=UTC
export LC_ALL TZ
umask 022

version=$(sed -n 's/^#define ROLLCALL_VERSION "\(.*\)"/\1/p' src/base/version.h)
name=rollcall-$version
stage=build/dist
out=build/$name.tar.gz

rm -rf "$stage" "$out"
mkdir -p "$stage"
# What a developer's tree holds besides: things made, settings, the program's own data, editors' files.
find .ci .gitignore CHANGES.md LICENSE Makefile README.md docs ports src tests vendor -type f \
	! -name '*~' ! -name '.*.sw?' ! -name '*.orig' ! -name '*.rej' ! -name '*.pyc' 2>/dev/null | sort >"$stage/list"
while read -r f; do
	mkdir -p "$(dirname "$stage/$name/$f")"
	cp "$f" "$stage/$name/$f"
	if [ -x "$f" ]; then chmod 755 "$stage/$name/$f"; else chmod 644 "$stage/$name/$f"; fi
	touch -t 200001010000 "$stage/$name/$f"
done <"$stage/list"
sed "s,^,$name/," "$stage/list" >"$stage/names"

cd "$stage"
case $(tar --version 2>/dev/null) in
*GNU*) tar --format=ustar --owner=0 --group=0 --numeric-owner -cf dist.tar -T names ;;
*bsdtar*) tar --format ustar --uid 0 --gid 0 --numeric-owner -cf dist.tar -T names ;;
*) tar -cf dist.tar $(cat names) ;;
esac
gzip -n -9 dist.tar
cd ../..
mv "$stage/dist.tar.gz" "$out"
rm -rf "$stage"
echo "$out"
