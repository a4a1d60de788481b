#!/bin/sh
# Everything in contrib/ against real records: templates, dashboards, the Splunk add-on,
# Sigma rules, searches, and configurations of relays read by their own programs.
# Usage: tests/contrib.sh BUILD
set -u
cd "$(dirname "$0")/.." || exit 1
build=$1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
n_passed=0 n_failed=0 n_skipped=0

judge() { # name, command...
	name=$1
	shift
	if "$@" >"$dir/log" 2>&1; then
		n_passed=$((n_passed + 1))
	else
		n_failed=$((n_failed + 1))
		echo "FAILED: $name"
		tail -n 20 "$dir/log"
	fi
}

leave_out() {
	n_skipped=$((n_skipped + 1))
	echo "SKIPPED: $1"
}

refuses() { # the same must fail for a file with a slip in it
	! "$@"
}

records() {
	"$build"/wardtap replay --rules rules --journal "$dir/journal" pcaps/rules pcaps/hl7 || return 1
	for format in hec ecs cef; do
		"$build"/tests/live_documents $format "$dir/journal" >"$dir/$format" || return 1
	done
	"$build"/wardtap fields >"$dir/fields" && [ "$(wc -l <"$dir/ecs")" -gt 20 ]
}
judge "records to check with" records

python3 -B tests/contrib.py "$dir" >"$dir/told" 2>&1
code=$?
set -- $(sed -n '$s/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$dir/told")
[ $# = 2 ] && [ "$code" = "$([ "$2" = 0 ] && echo 0 || echo 1)" ] || set -- 0 1
[ "$2" = 0 ] || head -n 40 "$dir/told"
n_passed=$((n_passed + $1)) n_failed=$((n_failed + $2))

# Relays: a certificate has to be there, so one is made; a slip has to be found.
. tests/siem/peer.sh
relay() { # name
	peer=tests/siem/$1.sh
	$peer fetch >"$dir/log" 2>&1
	if [ $? = 77 ]; then
		leave_out "$1: its configuration is not read ($(tail -n 1 "$dir/log"))"
		return
	fi
	{
		[ "$1" != syslog-ng ] || echo "@version: 3.38"
		sed "s,/etc/wardtap/tls/relay.pem,$dir/certs/server.crt,; s,/etc/wardtap/tls/relay.key,$dir/certs/server.key,
			s,/etc/wardtap/tls/ca.d,$dir/certs,; s,/etc/wardtap/tls/ca.pem,$dir/certs/ca.crt," "contrib/$1/wardtap.conf"
	} >"$dir/$1.conf"
	judge "$1 reads contrib/$1/wardtap.conf" "$peer" check "$dir/$1.conf"
	sed 's/streamDriver.mode/streamDriver.mod/; s/transport(/transprt(/' "$dir/$1.conf" >"$dir/$1.bad"
	judge "$1 finds a slip" refuses "$peer" check "$dir/$1.bad"
}
if command -v openssl >/dev/null; then
	certificates "$dir" || exit 1
	relay rsyslog
	relay syslog-ng
else
	leave_out "relays: openssl is needed"
fi

# The vendors' own validators, where contrib/bootstrap.sh check could install them.
if [ -x build/venv/bin/splunk-appinspect ]; then
	tar --owner=0 --group=0 --mode=u+rwX,go-w -C contrib/splunk -czf "$dir/TA-wardtap.tgz" TA-wardtap
	appinspect() {
		build/venv/bin/splunk-appinspect inspect "$1" --mode precert --data-format json \
			--output-file "$dir/appinspect.json" >/dev/null 2>&1
		jq -e '.summary | .failure + .error + .warning == 0 and .success > 50' "$dir/appinspect.json" || {
			jq -r '.reports[].groups[].checks[] | select(.result | IN("failure", "error", "warning")) | .name, .messages[].message' "$dir/appinspect.json"
			return 1
		}
	}
	judge "Splunk AppInspect takes the add-on" appinspect "$dir/TA-wardtap.tgz"
else
	leave_out "splunk-appinspect is not installed (contrib/bootstrap.sh check)"
fi
if build/venv/bin/python -c 'import sigma.backends.opensearch' 2>/dev/null; then
	judge "pySigma reads and converts the Sigma rules" build/venv/bin/python -B tests/siem/sigma_queries.py \
		contrib/sigma "$dir/queries"
else
	leave_out "pySigma is not installed (contrib/bootstrap.sh check)"
fi
echo "$n_passed passed, $n_failed failed, $n_skipped skipped"
[ "$n_failed" = 0 ]
