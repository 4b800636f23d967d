#!/bin/sh
# coverage.sh BUILD: how much of our code "make test" has run, of a build with gcc's --coverage (make coverage). Prints the
# files below the marks (lines 90 %, branches 80 %), least first, then the sum. Fails when the sum is below the marks.
set -eu
LC_ALL=C
export LC_ALL
build=$1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# "Lines executed:93.75% of 32", "Taken at least once:80.00% of 20" for each file; headers count where they are included.
find "$build/src" "$build/ports" -name '*.gcda' | while read -r f; do
	gcov -b -n "$f" 2>/dev/null || :
done | awk -v q="'" '
	/^File / { file = $0; sub("^File " q, "", file); sub(q "$", "", file) }
	/^Lines executed:/ { split($2, p, /[:%]/); n = $4; if (n > lines[file]) { lines[file] = n; lhit[file] = p[2] * n / 100 } }
	/^Taken at least once:/ { split($4, p, /[:%]/); n = $6; if (n > branches[file]) { branches[file] = n; bhit[file] = p[2] * n / 100 } }
	END {
		for (f in lines) {
			if (f !~ /^(src|ports)\//) continue
			printf "%s %d %d %d %d\n", f, lines[f], lhit[f] + 0.5, branches[f], bhit[f] + 0.5
		}
	}' >"$tmp/files"
awk '{
	l = $2 ? 100 * $3 / $2 : 100; b = $4 ? 100 * $5 / $4 : 100
	if (l < 90 || b < 80) printf "%-36s lines %5.1f %% of %4d   branches %5.1f %% of %4d\n", $1, l, $2, b, $4
}' "$tmp/files" | sort -k3n
awk '{ n += $2; h += $3; m += $4; t += $5 } END {
	l = n ? 100 * h / n : 0; b = m ? 100 * t / m : 0
	printf "all: lines %.1f %% of %d, branches %.1f %% of %d\n", l, n, b, m
	good = (l >= 90) + (b >= 80)
	printf "%d passed, %d failed\n", good, 2 - good
	exit good < 2
}' "$tmp/files"
