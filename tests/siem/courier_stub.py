"""What the courier promises beyond its sinks (refusals, gaps, signals, status), with the
strict stub as the receiver.

Usage: courier_stub.py BUILD [NAME]. Ends with "N passed, N failed".
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

import stub
from stub import Elastic, Fault, Hec

BUILD = sys.argv[1]
TMP = tempfile.mkdtemp(prefix="wardtap-courier-")
IS_ROOT = os.geteuid() == 0
AS = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if IS_ROOT else []
MAPPING = (400, "mapper_parsing_exception", "no such field")


class Courier:
    """A courier over a journal of its own, with one sink."""
    count = 0

    def __init__(self, receiver, n, size=1 << 28, start=True, **rows):
        Courier.count += 1
        self.dir = os.path.join(TMP, str(Courier.count))
        os.mkdir(self.dir)
        self.server = stub.start(receiver)
        self.receiver = receiver
        self.write("token", "good-token", 0o600)
        kind = "hec" if isinstance(receiver, Hec) else "elastic"
        text = {"type": kind, "url": f"[http://127.0.0.1:{self.server.server_address[1]}]",
                "retry": "{min: 10ms, max: 50ms}", "timeout": "2s"}
        if kind == "hec":
            text["token_file"] = f"{self.dir}/token"
        text.update(rows)
        self.write("conf", f"journal: {{dir: {self.dir}/j}}\nsinks: {{s: {{" +
                   ", ".join(f"{k}: {v}" for k, v in text.items()) + "}}\n", 0o644)
        if IS_ROOT:
            os.chown(self.dir, 65534, 65534)
        self.alerts(1, n, size)
        self.process = None
        if start:
            self.start()

    def write(self, name, text, mode):
        path = f"{self.dir}/{name}"
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)
        if IS_ROOT:
            os.chown(path, 65534, 65534)

    def alerts(self, first, n, size=1 << 28):
        subprocess.run([*AS, f"{BUILD}/tests/live_journal", f"{self.dir}/j", str(first), str(n),
                        str(size)], check=True, stdout=subprocess.DEVNULL)

    def command(self, *words):
        return [*AS, f"{BUILD}/wardtap", "courier", "-c", f"{self.dir}/conf", *words]

    def start(self):
        with open(f"{self.dir}/log", "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(self.command(), stderr=log)

    def catches_hup(self):
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as file:
            caught = re.search(r"^SigCgt:\s*(\w+)", file.read(), re.M).group(1)
        return int(caught, 16) >> (signal.SIGHUP - 1) & 1

    def once(self):
        done = subprocess.run(self.command("--once"), stderr=subprocess.PIPE, text=True,
                              timeout=60, check=False)
        return done.returncode, done.stderr

    def status(self):
        done = subprocess.run(self.command("--status"), stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.PIPE, timeout=20, check=False)
        return done.returncode, done.stdout

    def log(self):
        with open(f"{self.dir}/log", encoding="utf-8") as file:
            return file.read()

    def number(self, name):
        with open(f"{self.dir}/j/courier.prom", encoding="utf-8") as file:
            return int(re.search(rf'^wardtap_courier_{name}{{sink="s"}} (\d+)$', file.read(),
                                 re.M).group(1))

    def dead(self):
        try:
            with open(f"{self.dir}/j/dead-letters/s.jsonl", encoding="utf-8") as file:
                return [json.loads(line) for line in file]
        except FileNotFoundError:
            return []

    def rules(self):
        """Numbers of the alerts that arrived."""
        return {number(i) for i in self.receiver.stored if is_rule(i)}

    def stop(self, how=signal.SIGTERM):
        if self.process:
            self.process.send_signal(how)
            code = self.process.wait(20)
            self.process = None
            return code
        return None

    def close(self):
        self.stop(signal.SIGKILL)
        self.server.shutdown()
        self.server.server_close()
        assert not self.receiver.complaints, self.receiver.complaints[:3]


def is_rule(record):
    """Ids of live_journal: the number and zeros."""
    return record[8:32] == 24 * "0"


def number(record):
    return int.from_bytes(bytes.fromhex(record[:8]), "little")


def until(what, seconds=15):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)


def all_of(n):
    return set(range(1, n + 1))


def refuses_all_is_down_and_loses_nothing(receiver, spoil, mend):
    spoil(receiver)
    c = Courier(receiver, 60)
    until(lambda: "it refuses every record" in c.log())
    until(lambda: receiver.n_asked >= 2)  # asked again, not remembered
    assert not c.dead() and not receiver.stored
    assert "somebody must mend this" in c.log(), c.log()
    c.alerts(1001, 20)
    mend(receiver)
    c.process.send_signal(signal.SIGHUP)
    wanted = all_of(60) | set(range(1001, 1021))
    until(lambda: c.rules() == wanted)
    assert not c.dead() and max(receiver.stored.values()) == 1
    until(lambda: "works again" in c.log())
    assert c.stop() == 0
    c.close()


def counting(receiver):
    """Counts requests that were refused as a whole."""
    receiver.n_asked = 0
    return receiver


def down_mapping_that_fits_nothing():
    r = counting(Elastic())

    def spoil(r):
        def fault(_):
            r.n_asked += 1
            return Fault(items={i: MAPPING for i in range(500)})
        r.fault = fault
    refuses_all_is_down_and_loses_nothing(r, spoil, lambda r: setattr(r, "fault", lambda _: None))


def down_proxy_that_finds_all_too_long():
    for r in (Elastic(), Hec()):
        def spoil(r):
            def fault(_):
                r.n_asked += 1
                return Fault(status=413)
            r.fault = fault
        refuses_all_is_down_and_loses_nothing(counting(r), spoil,
                                              lambda r: setattr(r, "fault", lambda _: None))


def down_collector_that_reads_nothing():
    def spoil(r):
        def fault(kind):
            if kind != "event":
                return None
            r.n_asked += 1
            return Fault(status=400, body=b'{"text":"Invalid data format","code":6}')
        r.fault = fault
    refuses_all_is_down_and_loses_nothing(counting(Hec()), spoil,
                                          lambda r: setattr(r, "fault", lambda _: None))


def refused_few_are_kept_aside():
    for r in (Elastic(), Hec()):
        bad = {3, 4, 5, 40}
        ids = {int.to_bytes(i, 4, "little").hex() + 24 * "0" + "-0" for i in bad}
        r.bad_ids = {i: MAPPING for i in ids} if isinstance(r, Elastic) else ids
        c = Courier(r, 60, start=False)
        code, told = c.once()
        assert code == 1 and "refused 4," in told and "kept aside" in told, (code, told)
        assert c.rules() == all_of(60) - bad
        assert {d["id"] for d in c.dead()} == ids
        c.close()


def refused_many_behind_one_that_arrives():
    r = Elastic()  # nine in ten are refused, and that is meant
    r.bad_ids = {int.to_bytes(i, 4, "little").hex() + 24 * "0" + "-0": MAPPING
                 for i in range(1, 101) if i % 10}
    c = Courier(r, 100, start=False)
    code, told = c.once()
    assert code == 1 and "refused 90," in told, (code, told)
    assert c.rules() == {i for i in range(1, 101) if i % 10 == 0} and len(c.dead()) == 90
    c.close()


def refused_one_by_one_ends_too():
    r = Elastic()  # batches of one: eight go aside, then the receiver counts as down
    r.bad_ids = {int.to_bytes(i, 4, "little").hex() + 24 * "0" + "-0": MAPPING
                 for i in range(1, 101)}
    c = Courier(r, 40, batch="{records: 1}", start=False)
    code, told = c.once()
    assert code == 1 and "it refuses every record" in told, (code, told)
    assert len(c.dead()) == 8 and "left 3" in told, told
    c.close()


def refused_more_than_a_batch_holds_gives_way():
    r = Elastic()  # 17 in a row, eight a batch: what is behind them arrives
    bad = set(range(1, 18))
    r.bad_ids = {int.to_bytes(i, 4, "little").hex() + 24 * "0" + "-0": MAPPING for i in bad}
    c = Courier(r, 60, batch="{records: 8}")
    until(lambda: "it refuses every record" in c.log())
    until(lambda: c.rules() == all_of(60) - bad, 60)
    assert len(c.dead()) == 17, len(c.dead())
    assert c.stop() == 0
    c.close()


def missing_is_told_to_the_sink_and_counted():
    r = Hec()
    c = Courier(r, 5000, size=450000, start=False)
    code, told = c.once()
    assert code == 1 and "left 0" in told, (code, told)
    assert "the journal lacked records before they could be sent" in told, told
    n_missing = int(re.search(r"missing (\d+)", told).group(1))
    assert n_missing > 1000
    gaps = [e for e in r.events_seen if e["event"]["kind"] == "journal_missing"]
    assert sum(int(e["event"]["count"]) for e in gaps) == n_missing, len(gaps)
    seqs = [e["event"]["journal_seq"] for e in r.events_seen]
    assert seqs == sorted(seqs) and len(seqs) == len(set(seqs))
    # what arrived and what is told to be missing is the whole journal
    assert len(seqs) - len(gaps) + n_missing == seqs[-1], (len(seqs), n_missing, seqs[-1])
    assert all(e["event"]["severity_id"] == 8 for e in gaps)
    # the gravest went last
    kept = [i for i in c.rules() if i % 10 in (9, 0)]
    assert len(kept) == 1000, len(kept)
    assert c.once()[0] == 0
    c.close()


def missing_is_left_out_with_the_alerts():
    r = Hec()
    c = Courier(r, 5000, size=450000, start=False, severity_min=9)
    code, told = c.once()
    assert code == 1 and re.search(r"missing [1-9]", told), (code, told)
    kinds = {e["event"]["kind"] for e in r.events_seen}
    assert "journal_missing" not in kinds, kinds
    c.close()


def retry_after_is_waited_for():
    for r, on in ((Elastic(), "bulk"), (Hec(), "event")):
        r.faults = [Fault(on, status=429, headers={"Retry-After": "2"})]
        began = time.monotonic()
        c = Courier(r, 5)
        until(lambda c=c: c.rules() == all_of(5))
        assert 2 <= time.monotonic() - began < 8
        assert "429" in c.log(), c.log()
        c.close()


def hup_reads_the_secret_again():
    r = Hec()
    c = Courier(r, 5, start=False, retry="{min: 30s, max: 60s}")
    c.write("token", "wrong-token", 0o600)
    c.start()
    until(lambda: "does not know the token" in c.log())
    c.write("token", "good-token", 0o600)
    time.sleep(0.2)
    assert not r.stored
    c.process.send_signal(signal.SIGHUP)
    until(lambda: c.rules() == all_of(5), 5)
    c.write("token", "wrong-token", 0o644)  # and one that others can read is not taken
    c.process.send_signal(signal.SIGHUP)
    c.alerts(101, 5)
    until(lambda: c.rules() == all_of(5) | set(range(101, 106)))
    until(lambda: "goes on with what it had" in c.log())
    assert c.stop() == 0
    c.close()


def hup_early_does_not_end_it():
    r = Hec()
    c = Courier(r, 5)
    until(c.catches_hup)
    for _ in range(20):
        c.process.send_signal(signal.SIGHUP)
        time.sleep(0.01)
    until(lambda: c.rules() == all_of(5))
    assert c.stop() == 0
    c.close()


def status_tells_what_is_going_on():
    r = Elastic()
    c = Courier(r, 50, start=False)
    assert c.status()[0] == 1  # never ran
    c.start()
    until(lambda: c.rules() == all_of(50))
    until(lambda: os.path.exists(f"{c.dir}/j/courier.prom"))
    code, text = c.status()
    assert code == 0 and re.search(r"^s +works +\d+ +\d+ +0 +0  ", text, re.M), text
    assert "no courier" not in text
    r.fault = lambda _: Fault(status=503)
    c.alerts(101, 7)
    until(lambda: c.number("state") == 1)
    code, text = c.status()
    assert code == 0 and re.search(r"^s +retrying ", text, re.M) and "503" in text, text
    r.fault = lambda _: Fault(status=403)
    until(lambda: c.number("state") == 2)
    code, text = c.status()
    assert code == 0 and re.search(r"^s +stopped ", text, re.M), text
    backlog = int(re.search(r"^s +stopped +\d+ +(\d+)", text, re.M).group(1))
    assert backlog >= 7, text
    r.fault = lambda _: None
    c.process.send_signal(signal.SIGHUP)
    until(lambda: c.number("state") == 0)
    c.stop(signal.SIGTERM)
    code, text = c.status()
    assert code == 1 and "no courier is running" in text, (code, text)
    assert re.search(r"^s +works +\d+ +0 +0 +0  \d+ s ago$", text, re.M), text
    c.close()


def main():
    wanted, n_passed, n_failed = sys.argv[2:], 0, 0
    os.chmod(TMP, 0o755)
    for name, test in list(globals().items()):
        if not re.match("(down|refused|missing|retry|hup|status)_", name) or (wanted and
                                                                          name not in wanted):
            continue
        began = time.monotonic()
        try:
            test()
            n_passed += 1
        except Exception:  # what went wrong is printed, and counted
            n_failed += 1
            print(f"FAILED: {name}")
            traceback.print_exc(file=sys.stdout)
        if os.environ.get("V"):
            print(f"{name}: {time.monotonic() - began:.1f} s")
    shutil.rmtree(TMP, ignore_errors=True)
    print(f"{n_passed} passed, {n_failed} failed")
    return n_failed > 0


if __name__ == "__main__":
    sys.exit(main())
