#!/bin/sh
# The public set in Suricata and here, side by side; see rules_peer.py. Every sixth capture
# unless RULES_PEER=all. Usage: tests/rules_peer.sh BUILD
set -u
cd "$(dirname "$0")/.." || exit 1
[ "${RULES_PEER:-}" = all ] && every=1 || every=6
exec python3 -B tests/rules_peer.py "$1/wardtap" ../shared/data/et-open ../shared/pcaps --every $every
