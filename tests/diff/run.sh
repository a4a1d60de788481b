#!/bin/sh
# Our decoding and dissection against tshark, field by field; see README.md.
# Usage: tests/diff/run.sh [BUILD]
# Needs tshark, python3 and python3-hl7; ends with 77 (skipped) where one is missing.
# CAPTURES: folder of further captures; without it only pcaps/ is compared, and what those
# captures do not show is no failure. JOBS: captures at once.
set -u
BUILD=${1:-${BUILD:-build}}
CAPTURES=${CAPTURES:-../shared/pcaps}
JOBS=${JOBS:-2}
DIFF_OPTIONS=${DIFF_OPTIONS:-} # e.g. "--part protocols --only dns"
cd "$(dirname "$0")/../.." || exit 1

skip() {
	echo "SKIPPED: comparison with tshark: $1"
	exit 77
}
command -v tshark >/dev/null || skip "tshark is needed"
for PYTHON in python3 /usr/bin/python3; do
	"$PYTHON" -c 'import hl7' 2>/dev/null && break
done
"$PYTHON" -c 'import hl7' 2>/dev/null || skip "python3 with python3-hl7 is needed"
make -s BUILD="$BUILD" "$BUILD/wardtap" "$BUILD/tests/diff/decode_dump" \
	"$BUILD/tests/diff/event_dump" || exit 1

PARTIAL=
if [ ! -d "$CAPTURES" ]; then
	echo "absent: $CAPTURES; compared are only the captures in pcaps/"
	CAPTURES='' PARTIAL=--partial
fi
# shellcheck disable=SC2086
exec "$PYTHON" -B tests/diff/compare.py -j "$JOBS" $PARTIAL $DIFF_OPTIONS \
	--dump "$BUILD/tests/diff/decode_dump" --events "$BUILD/tests/diff/event_dump" --wardtap "$BUILD/wardtap" pcaps $CAPTURES
