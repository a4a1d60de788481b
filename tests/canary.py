"""Canaries in every field of persons, and rules that look into every field: what the alerts
of those rules become in the journal, in every format for a SIEM, in the inventory and in
everything else that a replay leaves. Called by canary.sh.

Usage: canary.py WARDTAP ROOM CONF DRIVER. Captures are those of privacy.py: recorded HL7 and
DICOM with other values in patients' fields, sessions of the other protocols, and recorded
ones with other names. A rule for each field of text matches whatever the field holds, so
also on those that never leave; rules over payloads match on the canaries."""
import os
import re
import subprocess
import sys

import privacy
import privacy_others

WARDTAP, ROOM, CONF, DRIVER = sys.argv[1:5]
SID = 9_500_000


def make_captures(folder):
    """All captures, with canaries in place of persons' data."""
    n = 0
    os.mkdir(folder)
    for protocol, edit in (("hl7", privacy.edit_hl7), ("dicom", privacy.edit_dicom)):
        for name in sorted(os.listdir(f"pcaps/{protocol}")):
            path = f"pcaps/{protocol}/{name}"
            if not name.endswith(".pcap") or "snaplen" in name or os.path.getsize(path) > 200000:
                continue
            capture = privacy.Capture(path)
            privacy.n_fields = 0
            capture.edit(lambda s, e=edit: e(s, True))
            if privacy.n_fields:
                capture.write(os.path.join(folder, f"{n:04d}.pcap"))  # names are evidence
                n += 1
    for session in privacy_others.SESSIONS:
        privacy_others.build(session, privacy_others.D1, privacy_others.Q1,
                             os.path.join(folder, f"{n:04d}.pcap"))
        n += 1
    for file in sorted({file for file, _ in privacy_others.EDITS}):
        capture = privacy.Capture(os.path.join("pcaps", file))
        for other, word in privacy_others.EDITS:
            if other == file:
                capture.edit(lambda stream, w=word: privacy_others.edit(stream, w))
        capture.write(os.path.join(folder, f"{n:04d}.pcap"))
        n += 1
    return n


def make_rules(path):
    """A rule per field of text; the classes of privacy of those fields by sid."""
    listed = subprocess.run([WARDTAP, "fields"], capture_output=True, check=True, text=True)
    classes = {}
    with open(path, "w", encoding="ascii") as f:
        for line in listed.stdout.splitlines()[1:]:
            words = line.split()
            name, kind = words[0], words[1]
            phi = next(w for w in words[2:5] if w in ("none", "device", "quasi", "direct", "secret"))
            if kind != "string" or name.startswith(("alert.", "flow.", "glitch.")):
                continue
            sid = SID + len(classes)
            f.write(f'alert ip any any -> any any (msg:"field {name}"; {name}; pcre:"/./s"; '
                    f"metadata:attack_id T1005; sid:{sid}; rev:1;)\n")
            classes[sid] = (name, phi)
        for i, regex in enumerate(("[qzxjvkwy]{6}", "[739184620]{8}")):
            f.write(f'alert ip any any -> any any (msg:"payload {i}"; pcre:"/{regex}/i"; '
                    f"sid:{SID + 9000 + i}; rev:1;)\n")
    return classes


def files_of(folder):
    for root, _, names in os.walk(folder):
        for name in names:
            yield os.path.join(root, name)


def main():
    captures, rules = os.path.join(ROOM, "captures"), os.path.join(ROOM, "all.rules")
    out, journal = os.path.join(ROOM, "out"), os.path.join(ROOM, "out", "journal")
    n_captures = make_captures(captures)
    classes = make_rules(rules)
    os.mkdir(out)
    n_failed = n_passed = 0

    def judge(what, wrong):
        nonlocal n_passed, n_failed
        n_passed, n_failed = n_passed + (not wrong), n_failed + bool(wrong)
        for one in wrong[:6]:
            print(f"FAILED: {what}: {one}")

    # text for people, and files with a journal: the same redactor, other writers
    with open(os.path.join(out, "said"), "wb") as said:
        for arguments in (["-o", os.path.join(out, "files"), "--journal", journal], []):
            run = subprocess.run([WARDTAP, "replay", "-c", CONF, "--rules", rules] + arguments +
                                 [captures], capture_output=True, check=False)
            said.write(run.stdout + run.stderr)
            judge("replay", [] if run.returncode == 0 else [
                f"status {run.returncode}: {run.stderr[-300:]!r}"])
        for arguments in (["alerts", "list", "-n", "0", "-s", journal],
                          ["alerts", "list", "-n", "0", "--json", "-s", journal],
                          ["alerts", "show", "-s", journal, ""],
                          ["inventory", "list", "-s", os.path.join(out, "files")],
                          ["inventory", "show", "-s", os.path.join(out, "files"), "10.77.0.21"],
                          ["inventory", "export", "-s", os.path.join(out, "files"), "--format",
                           "json"]):
            run = subprocess.run([WARDTAP] + arguments, capture_output=True, check=False)
            said.write(run.stdout + run.stderr)
            judge(" ".join(arguments[:2]), [] if run.returncode == 0 else [
                f"status {run.returncode}: {run.stderr[-300:]!r}"])
    with open(os.path.join(out, "encoded"), "wb") as f:
        run = subprocess.run([DRIVER, journal], stdout=f, check=False)
    judge("the journal is encoded", [] if run.returncode == 0 else ["no record, or a bad one"])
    with open(os.path.join(out, "encoded"), "rb") as f:
        encoded = f.read()
    told = {int(sid) for sid in re.findall(rb'"signature_id":(\d+),"rev"', encoded)}
    for phi, least in (("direct", 75), ("secret", 3), ("quasi", 30), ("device", 100)):
        of_class = {sid for sid, (_, p) in classes.items() if p == phi}
        print(f"{phi}: rules on {len(of_class & told)} of {len(of_class)} fields matched")
        judge(f"rules on fields of class {phi}",
              [] if len(of_class & told) >= least else [f"only {len(of_class & told)} matched"])
    judge("rules on payloads", [] if {SID + 9000, SID + 9001} <= told else ["did not match"])

    kinds = dict(privacy.traces())
    kinds.update(privacy_others.traces())
    shape = re.compile(b"|".join(re.escape(form) for form in sorted(kinds, key=len,
                                                                    reverse=True)))
    n_bytes = 0
    for path in sorted(files_of(out)):
        with open(path, "rb") as f:
            content = f.read()
        n_bytes += len(content)
        hit = shape.search(content)
        judge(os.path.relpath(path, out), [] if not hit else [
            f"{hit.group(0)!r} ({kinds.get(hit.group(0), 'raw')}): "
            f"{content[max(0, hit.start() - 80):hit.start() + 40]!r}"])
    # the search itself must be able to find one
    with open(os.path.join(captures, "0000.pcap"), "rb") as f:
        judge("the captures hold canaries", [] if shape.search(f.read()) else ["none found"])
    print(f"{n_captures} captures, {len(told)} rules told, {encoded.count(10)} lines, {n_bytes} bytes "
          f"searched for {len(kinds)} forms of the canaries")
    print(f"{n_passed} passed, {n_failed} failed")
    return n_failed


sys.exit(1 if main() else 0)
