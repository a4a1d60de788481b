#!/bin/sh
# Every keyword of Suricata is known here, or refused with what to write instead: those of a
# list, and those of the Suricata that is installed. Usage: tests/rules_keywords.sh BUILD
set -u
cd "$(dirname "$0")/.." || exit 1
program=$1/wardtap
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
n_passed=0 n_failed=0 n_skipped=0

# A rule a keyword, in the form that no keyword may take for unknown.
judge() { # file of keywords
	n=$(grep -c . "$1")
	awk '{ printf "alert ip any any -> any any (msg:\"t\"; %s:1; sid:%d;)\n", $1, NR }' \
		"$1" >"$dir/all.rules"
	"$program" rules check "$dir/all.rules" >"$dir/told" 2>&1
	grep -q "^$n rules read" "$dir/told" || {
		echo "FAILED: not all of $n rules were read"
		n_failed=$((n_failed + 1))
	}
	grep -E 'which is not known|no dissector fills' "$dir/told" >"$dir/bad"
	grep 'which is not supported' "$dir/told" | grep -v ': .*write ' >>"$dir/bad"
	n_bad=$(grep -c . "$dir/bad")
	cat "$dir/bad"
	n_failed=$((n_failed + n_bad))
	n_passed=$((n_passed + n - n_bad))
}
grep -v '^#' tests/rules_keywords.txt >"$dir/list"
judge "$dir/list"
if command -v suricata >/dev/null && suricata --list-keywords >"$dir/peer" 2>/dev/null; then
	sed -n 's/^- \([^ ]*\).*/\1/p' "$dir/peer" >"$dir/theirs"
	if [ "$(grep -c . "$dir/theirs")" -gt 200 ]; then
		judge "$dir/theirs"
	else
		echo "FAILED: suricata --list-keywords lists few keywords"
		n_failed=$((n_failed + 1))
	fi
else
	echo "SKIPPED: Suricata is not installed: its own list of keywords was not asked"
	n_skipped=1
fi
# a keyword of one protocol behind which a field of all stands: passwords of others are not its
echo 'alert tcp any any -> any any (msg:"t"; mqtt.connect.password; bsize:>0; sid:1;)' \
	>"$dir/one.rules"
"$program" replay -o "$dir/out" --rules "$dir/one.rules" pcaps/ftp/proftpd.pcap \
	pcaps/mqtt/passwords.pcap >/dev/null 2>&1
found=$(sed -n 's/.*"app_proto":"\([a-z]*\)".*/\1/p' "$dir/out/alerts.jsonl" | sort -u)
if [ "$found" = mqtt ]; then
	n_passed=$((n_passed + 1))
else
	echo "FAILED: passwords of '$found' are found as MQTT's"
	n_failed=$((n_failed + 1))
fi
echo "$n_passed passed, $n_failed failed, $n_skipped skipped"
[ "$n_failed" = 0 ]
