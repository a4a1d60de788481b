#!/bin/sh
# Every line of events.jsonl validates against `wardtap fields --schema`, and the schema
# itself is valid and closed. Usage: tests/schema.sh BUILD. Needs python3-jsonschema.
set -u
cd "$(dirname "$0")/.." || exit 1
bin=${1:-build}/wardtap
[ -x "$bin" ] || { echo "SKIPPED: $bin is not built"; exit 77; }
python3 -c 'import jsonschema' 2>/dev/null ||
	{ echo "SKIPPED: python3-jsonschema is not installed"; exit 77; }
room=$(mktemp -d) || exit 1
trap 'rm -rf "$room"' EXIT
"$bin" fields --schema >"$room/schema.json" || { echo "no schema"; exit 1; }
"$bin" replay -o "$room/own" pcaps 2>/dev/null
if [ -d ../shared/pcaps ]; then
	"$bin" replay -o "$room/shared" ../shared/pcaps 2>/dev/null
else
	echo "../shared/pcaps is absent: only the events of pcaps/ are validated"
fi
python3 - "$room" <<'PY'
import collections, json, os, sys
import jsonschema

room = sys.argv[1]
with open(os.path.join(room, "schema.json"), encoding="utf-8") as f:
    schema = json.load(f)
kind = jsonschema.validators.validator_for(schema)
kind.check_schema(schema)
validator = kind(schema)
passed = failed = 0
told = set()
types = collections.Counter()


def no_doubles(pairs):
    keys = [k for k, _ in pairs]
    assert len(keys) == len(set(keys)), f"key twice: {keys}"
    return dict(pairs)


for name in ("own", "shared"):
    path = os.path.join(room, name, "events.jsonl")
    if not os.path.exists(path):
        continue
    seen = {}
    with open(path, encoding="utf-8", errors="strict") as lines:
        for number, line in enumerate(lines, 1):
            assert line.endswith("\n")
            event = json.loads(line, object_pairs_hook=no_doubles)
            types[event["event_type"]] += 1
            # events of the same shape differ in values of the same types: each shape
            # with its values is validated, but not each repetition of it
            shape = json.dumps(event, sort_keys=True) if len(line) > 4000 else line
            if shape in seen:
                passed += 1
                continue
            seen[shape] = True
            error = next(validator.iter_errors(event), None)
            if error is None:
                passed += 1
                continue
            failed += 1
            what = f"{list(error.absolute_path)}: {error.message[:200]}"
            if what not in told and len(told) < 20:
                told.add(what)
                print(f"{name} line {number}: {what}")
# the schema is no rubber stamp
event["no_such_key"] = 1
if validator.is_valid(event):
    print("the schema lets unknown keys pass")
    failed += 1
else:
    passed += 1
print("validated:", ", ".join(f"{n} {t}" for t, n in types.most_common()))
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
PY
