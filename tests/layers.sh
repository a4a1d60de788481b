#!/bin/sh
# The shape of the tree: stages include no other stage, dissectors only the corridor,
# each library is used in one file, only the redactor makes records.
set -u
cd "$(dirname "$0")/.." || exit 1
n_passed=0 n_failed=0

judge() { # name, offending lines
	if [ -z "$2" ]; then
		n_passed=$((n_passed + 1))
	else
		n_failed=$((n_failed + 1))
		printf 'FAILED: %s\n%s\n' "$1" "$2"
	fi
}

for stage in src/*/; do
	stage=$(basename "$stage")
	[ "$stage" = app ] && continue
	judge "src/$stage includes wardtap/, base/ and itself alone" "$(
		grep -nE '^#[[:space:]]*include "' src/"$stage"/*.[ch] /dev/null |
			grep -vE "\"(wardtap|base|$stage)/|\"\.\./\.\./dissectors/list\.def\"")"
done
# Two exceptions: QUIC carries the very hello messages of TLS (RFC 9001 4), and mDNS and
# LLMNR are DNS messages; two readers of one format would drift apart.
judge "dissectors include wardtap/ and their own files alone" "$(
	grep -nE '^#[[:space:]]*include "' dissectors/*.[ch] /dev/null |
		grep -vE '^dissectors/quic\.c:[0-9]+:#include "tls_hello\.h"$' |
		grep -vE '^dissectors/(mdns|llmnr)\.c:[0-9]+:#include "dns_fields\.h"$' |
		grep -vE '^dissectors/([a-z0-9]+)[a-z0-9_.]*:[0-9]+:#[[:space:]]*include "(wardtap/[a-z]+\.(h|def)|\1[a-z0-9_]*\.(tab\.)?h)"')"
judge "nothing outside tests/ includes tests/" "$(grep -nE '#include "(tests|harness)/' src/*/*.[ch] dissectors/*.[ch])"

one_place() { # pattern, file, name
	judge "$3 is used in $2 alone" "$(grep -lE "#include <($1)" src/*/*.[ch] dissectors/*.[ch] | grep -vxE "$2")"
}
one_place 'pcap' 'src/capture/filter\.c' libpcap
one_place 'ndpi' 'src/dissect/ndpi\.c' nDPI
one_place 'yaml' 'src/base/conf\.c' libyaml
one_place 'openssl/(ssl|x509|err)' 'src/export/tls\.c' libssl
one_place 'openssl/' 'src/(base/digest|export/tls)\.c' libcrypto
one_place 'hs/' 'src/match/prefilter\.c' Hyperscan
one_place 'pcre2' 'src/match/confirm\.c' PCRE2
one_place 'xxhash' 'src/base/fasthash\.c' xxHash
one_place 'sqlite3' 'src/observe/store\.c' SQLite
one_place 'maxminddb' 'src/observe/geo\.c' libmaxminddb
one_place 'curl/' 'src/export/http\.c' libcurl
# files as they come, bodies of messages, and requests: other limits, other stages
one_place 'zlib|zstd' 'src/(capture/inflate|match/unpack|export/http)\.c' 'zlib and Zstandard'

judge "only redact.c writes records" "$(grep -nE '(^|[^t]) ?struct wt_record \*' src/*/*.[ch] dissectors/*.c | grep -vE 'const struct wt_record|^src/redact/redact\.c')"
judge "every dissector is in list.def and has captures" "$(
	for d in $(sed -n 's/^D(\(.*\))/\1/p' dissectors/list.def); do
		[ -f "dissectors/$d.c" ] || echo "dissectors/$d.c is missing"
		ls "pcaps/$d"/*.pcap >/dev/null 2>&1 || echo "pcaps/$d has no captures"
	done)"
judge "files of at most 600 lines" "$(wc -l src/*/*.[ch] dissectors/*.[ch] include/wardtap/*.h | awk '$2 != "total" && $1 > 600 && $2 !~ /\.tab\.h$/')"
judge "source is ASCII" "$(grep -nP '[^\x00-\x7f]' src/*/*.[ch] dissectors/*.[ch] include/wardtap/*)"
judge "no promise is left in the code" "$(grep -nEiw 'todo|fixme|xxx' src/*/*.[ch] dissectors/*.[ch] include/wardtap/* tests/*.[ch])"
echo "$n_passed passed, $n_failed failed"
[ "$n_failed" = 0 ]
