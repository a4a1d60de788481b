"""What the HTTP sinks promise, each promise against a stub of the receiver (stub.py).

Usage: http_sinks.py BUILD [NAME]. Ends with "N passed, N failed".
"""
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import traceback

import stub
from stub import Elastic, Fault, Hec

BUILD = sys.argv[1]
TMP = tempfile.TemporaryDirectory(prefix="wardtap-siem-")
CERTS = TMP.name


class Run:
    """One run of live_sink: exit status, calls and refusals."""

    def __init__(self, process):
        out, self.err = process.communicate(timeout=120)
        self.status = process.returncode
        self.calls, self.refused, self.done = [], {}, None
        for line in out.splitlines():
            word, _, rest = line.partition(" ")
            if word == "call":
                verdict, done, again, retry, *why = rest.split(" ", 4)
                self.calls.append((verdict, int(done), int(again), int(retry), "".join(why)))
            elif word == "refused":
                number, _, why = rest.partition(" ")
                self.refused.setdefault(int(number), why)
            elif word == "end":
                self.done = int(rest)
        assert self.status in (0, 1, 2), f"exit {self.status}: {self.err}"

    def whys(self, verdict):
        return [c[4] for c in self.calls if c[0] == verdict]

    def again(self):
        return sum(c[2] for c in self.calls)


def private(text):
    path = tempfile.NamedTemporaryFile("w", dir=TMP.name, delete=False)
    with path:
        path.write(text + "\n")
    os.chmod(path.name, 0o600)
    return path.name


def conf(kind, urls, **rows):
    rows.setdefault("timeout", "30s")  # no test of time: the machine may be busy
    rows = {k: v for k, v in rows.items() if v is not None}
    if kind == "hec":
        rows.setdefault("token_file", private("good-token"))
    text = f"sinks:\n  one:\n    type: {kind}\n    url: [{', '.join(urls)}]\n"
    groups = {}
    for key, value in rows.items():
        group, _, name = key.rpartition("__")
        groups.setdefault(group, []).append((name, value))
    for group, pairs in groups.items():
        if group:
            text += f"    {group}:\n"
        for name, value in pairs:
            text += f"    {'  ' if group else ''}{name}: {value}\n"
    path = tempfile.NamedTemporaryFile("w", dir=TMP.name, suffix=".conf", delete=False)
    with path:
        path.write(text)
    return path.name


AROUND = []  # what commands run within


def start(path, n, batch=50, tries=30, first=1):
    return subprocess.Popen([*AROUND, f"{BUILD}/tests/live_sink", path, str(n), str(batch), str(tries),
                             str(first)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def drive(kind, receivers, n=120, batch=50, tries=30, scheme="http", host="127.0.0.1", **rows):
    """Receivers: one or a list of Receiver, server or address. Gives the Run."""
    servers, urls = [], []
    for r in receivers if isinstance(receivers, list) else [receivers]:
        if isinstance(r, str):
            urls.append(r)
            continue
        server = r if isinstance(r, stub.Server) else stub.start(r)
        servers.append(server)
        urls.append(f"{scheme}://{host}:{server.server_address[1]}")
    run = Run(start(conf(kind, urls, **rows), n, batch, tries))
    for server in servers:
        server.shutdown()
        server.server_close()
    return run


def name(n):
    return f"{n:032x}-0"


def all_stored(r, n, but=(), most=1):
    wanted = {name(i) for i in range(1, n + 1)} - {name(i) for i in but}
    assert set(r.stored) == wanted, (f"missing {sorted(wanted - set(r.stored))[:3]}, "
                                     f"not wanted {sorted(set(r.stored) - wanted)[:3]}")
    twice = {k: v for k, v in r.stored.items() if v > most}
    assert not twice, f"stored more than {most} times: {list(twice.items())[:3]}"
    assert not r.complaints, r.complaints[:3]


def good(run, n=120):
    assert run.status == 0 and run.done == n, (run.status, run.done, run.calls[-3:], run.err)


def stopped(run, *words):
    assert run.status == 1, (run.status, run.err)
    assert run.calls and all(c[0] == "STOP" for c in run.calls), run.calls[:3]
    for word in words:
        assert word in run.calls[0][4], run.calls[0]


def elastic(**more):
    return Elastic(**more)


# HEC

def hec_sends_all_and_waits_for_acknowledgement():
    r = Hec(ack_after=3)
    run = drive("hec", r)
    good(run)
    all_stored(r, 120)
    assert len(run.calls) == 3 and not any(c[4] for c in run.calls), run.calls
    assert sum(q["kind"] == "ack" for q in r.requests) >= 9
    channels = {q["headers"].get("X-Splunk-Request-Channel") for q in r.requests}
    assert len(channels) == 1, channels


def hec_order_is_that_of_the_journal():
    r = Hec()
    good(drive("hec", r, n=300, batch=300, batch__bytes="32K"), 300)
    assert r.order == [name(i) for i in range(1, 301)]
    events = [q for q in r.requests if q["kind"] == "event"]
    assert len(events) > 3 and all(q["headers"]["Content-Encoding"] == "gzip" for q in events)


def hec_more_requests_than_slots():
    r = Hec()
    good(drive("hec", r, n=1500, batch=500, batch__bytes="32K", gzip="false"), 1500)
    all_stored(r, 1500)
    assert max(q["len"] for q in r.requests) <= 32768


def hec_auto_goes_without_where_the_token_has_none():
    r = Hec(has_ack=False)
    run = drive("hec", r)
    good(run)
    all_stored(r, 120)
    told = [c for c in run.calls if "no acknowledgement" in c[4]]
    assert len(told) == 1 and not any(q["kind"] == "ack" for q in r.requests)


def hec_on_stops_where_the_token_has_none():
    stopped(drive("hec", Hec(has_ack=False), tries=2, ack="on"), "no acknowledgement")


def hec_off_stops_where_the_token_wants_it():
    r = Hec()
    stopped(drive("hec", r, tries=2, ack="off"), "code 10", "ack: auto")
    assert not r.stored


def hec_off_asks_for_none():
    r = Hec(has_ack=False)
    run = drive("hec", r, ack="off")
    good(run)
    all_stored(r, 120)
    assert not any("X-Splunk-Request-Channel" in q["headers"] for q in r.requests)


def hec_ack_disabled_later_is_told_once():
    r = Hec()
    r.faults = [Fault("ack", status=400, body=b'{"text":"ACK is disabled","code":14}')]
    run = drive("hec", r)
    good(run)
    all_stored(r, 120)
    assert sum("no acknowledgement" in c[4] for c in run.calls) == 1


def hec_slow_indexer_gets_nothing_twice():
    r = Hec(ack_after=8)
    run = drive("hec", r, n=40, timeout="2s")
    good(run, 40)
    all_stored(r, 40)
    assert any("not yet confirmed" in w for w in run.whys("RETRY")), run.calls


def hec_never_acknowledged_goes_again_with_the_same_ids():
    r = Hec(ack_after=10**9)
    server = stub.start(r)
    run = drive("hec", server, n=20, tries=4, timeout="300ms")
    assert run.status == 1 and run.done == 0, run.calls
    all_stored(r, 20, most=4)
    assert min(r.stored.values()) >= 2, "given up, but not sent again"
    assert any("never confirmed" in w for w in run.whys("RETRY"))


def hec_wrong_ack_id_confirms_nothing():
    r = Hec()
    r.faults = [Fault("event", ack_id=4711)]
    run = drive("hec", r, n=20, tries=30, timeout="500ms")
    good(run, 20)
    all_stored(r, 20, most=2)
    assert min(r.stored.values()) == 2


def hec_foreign_ids_confirm_nothing():
    r = Hec(ack_after=10**9)
    r.faults = [Fault("ack", times=10**9, change=lambda b: b'{"acks":{"99":true,"x":true,"-1":true}}')]
    run = drive("hec", r, n=5, tries=3, timeout="100ms")
    assert run.status == 1 and run.done == 0, run.calls


def hec_garbage_for_acks_is_asked_again():
    for change in (lambda b: b"<html>", lambda b: b'{"acks":[true]}', lambda b: b[:-1],
                   lambda b: b'{"acks":{"0":1}}', lambda b: b""):
        r = Hec()
        r.faults = [Fault("ack", change=change)]
        good(drive("hec", r, n=10), 10)
        all_stored(r, 10, most=2)  # the stub, like Splunk, tells once that it has stored


def hec_cut_ack_is_sent_again():
    r = Hec()
    r.faults = [Fault("ack", cut=5)]
    good(drive("hec", r, n=10), 10)
    all_stored(r, 10, most=2)


def hec_busy_is_tried_again():
    for status, code in ((503, 9), (500, 8), (503, 18), (503, 19), (503, 20), (429, 26), (502, 0),
                         (408, 0)):
        r = Hec()
        r.faults = [Fault("event", times=3, status=status,
                          body=b'{"text":"no","code":%d}' % code)]
        run = drive("hec", r, n=10)
        good(run, 10)
        all_stored(r, 10)
        assert len(run.whys("RETRY")) == 3


def hec_retry_after_is_handed_on():
    r = Hec()
    r.faults = [Fault("event", status=429, headers={"Retry-After": "2"}),
                Fault("event", status=503, headers={"Retry-After": "99999999"}),
                Fault("event", status=503, headers={"Retry-After": "-5"})]
    run = drive("hec", r, n=10)
    good(run, 10)
    assert [c[3] for c in run.calls if c[0] == "RETRY"] == [2000, 3600000, 0], run.calls


def hec_stops_for_the_operator():
    for status, code in ((403, 1), (401, 2), (401, 3), (403, 4), (400, 7), (400, 10), (400, 11),
                         (400, 16), (404, 404), (400, 99)):
        r = Hec()
        r.faults = [Fault("event", times=9, status=status,
                          body=b'{"text":"no","code":%d}' % code)]
        run = drive("hec", r, n=10, tries=1)
        stopped(run, f"answered {status}")
        assert not run.refused


def hec_wrong_token_stops():
    stopped(drive("hec", Hec(), tries=1, token_file=private("other")), "does not know the token")
    stopped(drive("hec", Hec(), tries=1, token_file=private("off-token")), "disabled")


def hec_wrong_index_stops_and_loses_nothing():
    r = Hec()
    run = drive("hec", r, tries=1, index="nowhere")
    stopped(run, "look at index")
    assert not run.refused and not r.stored


def hec_bad_events_are_refused_alone():
    for is_partial in (False, True):
        r = Hec(is_partial=is_partial)
        bad = [1, 17, 18, 50, 120]
        r.bad_ids = {name(i) for i in bad}
        run = drive("hec", r)
        good(run)
        assert sorted(run.refused) == bad, run.refused
        all_stored(r, 120, but=bad, most=4 if is_partial else 1)


def hec_bad_events_are_found_whatever_number_is_named():
    for change in (lambda b: b.replace(b"number\":", b"number\":9999"),
                   lambda b: b.replace(b"invalid-event-number", b"x"),
                   lambda b: re.sub(rb"number\":\d+", b"number\":0", b),
                   lambda b: re.sub(rb"number\":\d+", b"number\":-1", b)):
        r = Hec()
        r.bad_ids = {name(3), name(44)}
        r.faults = [Fault("event", times=10**9, change=change)]
        run = drive("hec", r)
        good(run)
        assert sorted(run.refused) == [3, 44], run.refused
        all_stored(r, 120, but=[3, 44])


def hec_all_bad_ends():
    r = Hec()
    r.bad_ids = {name(i) for i in range(1, 121)}
    run = drive("hec", r)
    good(run)
    assert len(run.refused) == 120 and not r.stored


def hec_too_long_is_split():
    r = Hec()
    r.max_bytes = 9000
    run = drive("hec", r, n=60, gzip="false")
    good(run, 60)
    assert not run.refused
    all_stored(r, 60)
    r = Hec()
    r.max_bytes = 100
    run = drive("hec", r, n=20)
    good(run, 20)
    assert len(run.refused) == 20 and "413" in run.refused[1]


def hec_gzip_refused_goes_on_without():
    r = Hec()
    r.gzip_refused = True
    run = drive("hec", r)
    good(run)
    all_stored(r, 120)
    assert sum("gzip" in c[4] for c in run.calls) == 1
    assert sum("Content-Encoding" in q["headers"] for q in r.requests) == 1


def hec_a_page_of_a_proxy_is_no_success():
    for body in (b"<html>log in</html>", b"", b"{}", b'{"text":"Success"}', b'{"code":0', b"[]",
                 b'{"code":"0"}', b'{"code":0}x', b'{"code":-1}'):
        r = Hec()
        r.faults = [Fault("event", status=200, body=body)]
        run = drive("hec", r, n=10)
        good(run, 10)
        all_stored(r, 10)
        assert len(run.whys("RETRY")) == 1, body


def hec_cut_answers_go_again_with_the_same_ids():
    for cut in (-1, 0, 10):
        r = Hec()
        r.faults = [Fault("event", cut=cut), Fault("event", cut_request=True)]
        run = drive("hec", r)
        good(run)
        all_stored(r, 120, most=3)


def hec_huge_answers_are_cut_off():
    r = Hec()
    r.faults = [Fault("event", huge=10**8)]
    run = drive("hec", r, n=10)
    good(run, 10)
    assert any("too long" in w for w in run.whys("RETRY")), run.calls


def hec_endless_headers_are_cut_off():
    r = Hec()
    r.faults = [Fault("event", status=200, headers={f"X-{i}": "y" * 1000 for i in range(90)},
                      body=b'{"code":0}')]
    run = drive("hec", r, n=10)
    good(run, 10)
    all_stored(r, 10)


def hec_slow_answers_end_with_the_time_out():
    r = Hec()
    r.faults = [Fault("event", sleep=600)]
    run = drive("hec", r, n=10, timeout="500ms")
    assert not r.requests[0].get("is_slept_out")
    good(run, 10)
    all_stored(r, 10, most=99)


def hec_next_address_takes_over():
    r, dead = Hec(), Hec()
    dead.faults = [Fault(times=10**9, status=503)]
    run = drive("hec", ["http://127.0.0.1:1", dead, r])
    good(run)
    all_stored(r, 120)
    assert not run.whys("RETRY") and len(dead.requests) == 1


def hec_acks_are_asked_of_who_took_it():
    a, b = Hec(ack_after=2), Hec(ack_after=2)
    b.next_ack = 1000
    a.faults = [Fault("ack", times=2, status=503)]
    a.max_bytes = b.max_bytes = 10**6
    good(drive("hec", [a, b]))
    assert set(a.stored) | set(b.stored) == {name(i) for i in range(1, 121)}


# TLS, of both kinds of sinks

def make(command):
    subprocess.run(command, shell=True, cwd=CERTS, check=True, capture_output=True)


def certificates():
    for ca in ("ca", "other"):
        make(f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 "
             f"-subj /CN={ca} -keyout {ca}.key -out {ca}.pem")
    for who, days, alt, ca in (("good", 9, "DNS:localhost,IP:127.0.0.1", "ca"),
                               ("expired", 0, "DNS:localhost,IP:127.0.0.1", "ca"),
                               ("name", 9, "DNS:elsewhere.example", "ca"),
                               ("stranger", 9, "DNS:localhost,IP:127.0.0.1", "other"),
                               ("client", 9, "DNS:sensor", "ca")):
        make(f"openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN={who} "
             f"-keyout {who}.key -out {who}.csr && "
             f"printf 'subjectAltName={alt}' >{who}.ext && "
             f"openssl x509 -req -days {days} -in {who}.csr -CA {ca}.pem -CAkey {ca}.key "
             f"-CAcreateserial -extfile {who}.ext -out {who}.pem && chmod 600 {who}.key")
    time.sleep(1.1)  # "expired" is valid for no day at all


def tls(who, r, *more):
    return stub.start(r, (f"{CERTS}/{who}.pem", f"{CERTS}/{who}.key", *more))


def tls_good_certificate():
    for kind, r in (("hec", Hec()), ("elastic", elastic())):
        run = drive(kind, tls("good", r), scheme="https", host="localhost",
                    tls__ca_file=f"{CERTS}/ca.pem")
        good(run)
        all_stored(r, 120)


def tls_bad_certificates_get_nothing():
    for who in ("expired", "name", "stranger"):
        for kind, r in (("hec", Hec()), ("elastic", elastic())):
            run = drive(kind, tls(who, r), scheme="https", host="localhost", tries=1,
                        tls__ca_file=f"{CERTS}/ca.pem")
            stopped(run, "certificate")
            assert not r.requests


def tls_system_authorities_do_not_know_ours():
    r = Hec()
    stopped(drive("hec", tls("good", r), scheme="https", host="localhost", tries=1), "certificate")
    assert not r.requests


def tls_ca_file_decides_alone():
    """In a mount namespace whose system trusts the authority of a stranger."""
    system = f"{CERTS}/system"
    os.mkdir(system)
    make("cp ca.pem system/ca-certificates.crt && "
         'cp other.pem "system/$(openssl x509 -hash -noout -in other.pem).0"')
    AROUND[:] = ["unshare", "-rm", "sh", "-c",
                 f'mount --bind {system} /etc/ssl/certs && exec "$@"', "sh"]
    try:
        if subprocess.run([*AROUND, "true"], capture_output=True).returncode:
            print("(tls_ca_file_decides_alone is not tested: no mount namespaces here)")
            return
        r = Hec()
        good(drive("hec", tls("stranger", r), scheme="https", host="localhost"))
        all_stored(r, 120)
        for kind, r in (("hec", Hec()), ("elastic", elastic())):
            stopped(drive(kind, tls("stranger", r), scheme="https", host="localhost", tries=1,
                          tls__ca_file=f"{CERTS}/ca.pem"), "certificate")
            assert not r.requests
    finally:
        AROUND.clear()


def tls_client_certificate():
    ca = f"{CERTS}/ca.pem"
    r = Hec()
    run = drive("hec", tls("good", r, ca), scheme="https", host="localhost",
                tls__ca_file=ca, tls__cert_file=f"{CERTS}/client.pem",
                tls__key_file=f"{CERTS}/client.key")
    good(run)
    all_stored(r, 120)
    r = Hec()
    run = drive("hec", tls("good", r, ca), scheme="https", host="localhost", tries=2,
                tls__ca_file=ca)
    assert run.status == 1 and not r.requests, run.calls


def tls_next_address_where_one_is_not_trusted():
    r, bad = Hec(), Hec()
    good_server, bad_server = tls("good", r), tls("expired", bad)
    run = drive("hec", [f"https://localhost:{bad_server.server_address[1]}", good_server],
                scheme="https", host="localhost", tls__ca_file=f"{CERTS}/ca.pem")
    bad_server.shutdown()
    good(run)
    all_stored(r, 120)
    assert not bad.requests


# Elastic

def elastic_sends_all():
    r = elastic()
    run = drive("elastic", r)
    good(run)
    all_stored(r, 120)
    assert len(run.calls) == 3 and not any(c[4] for c in run.calls), run.calls
    assert r.order == [name(i) for i in range(1, 121)]
    assert all(q["path"].startswith("/logs-wardtap.alert-default/_bulk") for q in r.requests)
    assert all(q["headers"]["Content-Encoding"] == "gzip" for q in r.requests)


def elastic_credentials():
    for value, rows in (("ApiKey ZW5jb2RlZA==", {"api_key_file": private("ZW5jb2RlZA==")}),
                        ("ApiKey aWQ6a2V5", {"api_key_file": private("id:key")}),
                        (stub.basic("wardtap", "pass word:x"),
                         {"user": "wardtap", "password_file": private("pass word:x")})):
        r = elastic(credential=value)
        run = drive("elastic", r, **rows)
        good(run)
        all_stored(r, 120)
    stopped(drive("elastic", elastic(credential="x"), tries=1, api_key_file=private("y")), "401")


def elastic_again_counts_as_stored():
    r = elastic()
    for i in range(1, 121, 2):
        r.store(name(i))
    run = drive("elastic", r)
    good(run)
    all_stored(r, 120)
    assert run.again() == 60, run.again()


def elastic_retries_only_what_failed():
    r = elastic()
    r.faults = [Fault("bulk", items={0: (429, "es_rejected_execution_exception"),
                                     7: (503, "unavailable_shards_exception"),
                                     9: (400, "document_parsing_exception"),
                                     49: (429, "es_rejected_execution_exception")})]
    r.store(name(4))
    run = drive("elastic", r, n=50)
    good(run, 50)
    assert list(run.refused) == [10] and "document_parsing" in run.refused[10], run.refused
    all_stored(r, 50, but=[10])
    assert run.again() == 1, "the retry must not meet what it stored itself"
    assert [c[:2] for c in run.calls] == [("RETRY", 0), ("DONE", 50)], run.calls


def elastic_leading_run():
    r = elastic()
    r.faults = [Fault("bulk", items={20: (429, "es_rejected_execution_exception")}),
                Fault("bulk", items={0: (429, "es_rejected_execution_exception")})]
    run = drive("elastic", r, n=50)
    good(run, 50)
    all_stored(r, 50)
    assert [c[:2] for c in run.calls] == [("RETRY", 20), ("RETRY", 0), ("DONE", 30)], run.calls
    assert run.again() == 0


def elastic_bad_documents_are_refused():
    r = elastic()
    bad = [1, 20, 21, 120]
    for i in bad:
        r.bad_ids[name(i)] = (400, "mapper_parsing_exception", "failed to parse \x1b[31m field")
    run = drive("elastic", r)
    good(run)
    assert sorted(run.refused) == bad
    assert "\\u001b[31m" in run.refused[1] and "\x1b" not in run.refused[1]
    all_stored(r, 120, but=bad)


def elastic_setup_faults_are_nobodys_documents():
    for status, kind, reason in ((404, "index_not_found_exception", ""),
                                 (403, "cluster_block_exception", ""),
                                 (401, "security_exception", ""),
                                 (400, "validation_exception", "maximum shards open"),
                                 (400, "illegal_argument_exception",
                                  "pipeline with id [wardtap] does not exist")):
        r = elastic()
        r.faults = [Fault("bulk", times=9, items={i: (status, kind, reason) for i in range(5)})]
        run = drive("elastic", r, n=50, tries=1)
        stopped(run, kind)
        assert not run.refused and run.done == 0 and len(r.stored) == 45, run.calls


def elastic_too_long_is_split():
    r = elastic()
    r.max_bytes = 9000
    run = drive("elastic", r, n=200, batch=200, gzip="false")
    good(run, 200)
    all_stored(r, 200)
    assert not run.refused
    r.stored.clear()
    r = elastic()
    r.max_bytes = 90
    run = drive("elastic", r, n=20)
    good(run, 20)
    assert len(run.refused) == 20 and "413" in run.refused[20]


def elastic_status_of_the_whole():
    for status in (429, 500, 502, 503, 504, 408):
        r = elastic()
        r.faults = [Fault("bulk", times=2, status=status)]
        run = drive("elastic", r, n=10)
        good(run, 10)
        all_stored(r, 10)
        assert [c[0] for c in run.calls] == ["RETRY", "RETRY", "DONE"], run.calls
    r = elastic()
    r.faults = [Fault("bulk", status=429, headers={"Retry-After": "1"})]
    run = drive("elastic", r, n=10)
    assert [c[3] for c in run.calls] == [1000, 0], run.calls
    for status in (400, 401, 403, 404, 405, 406, 301, 302, 407):
        r = elastic()
        r.faults = [Fault("bulk", times=9, status=status,
                          headers={"Location": "http://127.0.0.1:1/"})]
        run = drive("elastic", r, n=10, tries=1)
        stopped(run, f"answered {status}")
        assert not run.refused and len(r.requests) == 1


def elastic_broken_answers_go_again():
    def change(what):
        return lambda body: what(body)
    for what in (lambda b: b[:-1], lambda b: b[:len(b) // 2], lambda b: b"", lambda b: b"null",
                 lambda b: b.replace(b"create", b"index"), lambda b: b + b"x",
                 lambda b: b'{"errors":false,"items":[]}',
                 lambda b: b.replace(b"]}", b',{"create":{"status":201}}]}'),
                 lambda b: b.replace(b'"status":201', b'"status":"201"', 1),
                 lambda b: b.replace(b'"status":201', b'"status":0', 1),
                 lambda b: b"[" * 100000,
                 lambda b: b'{"a":' * 40 + b"1" + b"}" * 40):
        r = elastic()
        r.faults = [Fault("bulk", change=change(what))]
        run = drive("elastic", r, n=20)
        good(run, 20)
        all_stored(r, 20)
        assert len(run.whys("RETRY")) == 1 and run.again() == 20, run.calls


def elastic_full_answers_are_read_too():
    r = elastic()
    r.faults = [Fault("bulk", change=lambda b: b.replace(
        b'"status"', b'"_shards":{"total":2,"x":[1,-2.5e3,null,{"y":[]}]},"status"'))]
    run = drive("elastic", r, n=20)
    good(run, 20)
    assert len(run.calls) == 1


def elastic_cut_and_huge_answers():
    r = elastic()
    r.faults = [Fault("bulk", cut=-1), Fault("bulk", cut=30), Fault("bulk", cut_request=True),
                Fault("bulk", huge=10**8)]
    run = drive("elastic", r, n=20)
    good(run, 20)
    all_stored(r, 20)
    assert len(run.whys("RETRY")) == 4 and run.again() == 20


def elastic_gzip_refused_goes_on_without():
    r = elastic()
    r.gzip_refused = True
    run = drive("elastic", r)
    good(run)
    all_stored(r, 120)
    assert sum("gzip" in c[4] for c in run.calls) == 1


def elastic_proxy_carries_it():
    r = elastic()
    server = stub.start(r)  # as a proxy it sees the whole address
    port = server.server_address[1]
    seen = []
    true_kind = r.kind
    r.kind = lambda method, url: seen.append(url.netloc) or true_kind(method, url)
    path = conf("elastic", ["http://siem.invalid:9200"], proxy=f"http://127.0.0.1:{port}")
    run = Run(start(path, 20))
    server.shutdown()
    good(run, 20)
    all_stored(r, 20)
    assert set(seen) == {"siem.invalid:9200"}, seen


def environment_chooses_no_proxy():
    r = elastic()
    server = stub.start(r)
    path = conf("elastic", [f"http://127.0.0.1:{server.server_address[1]}"])
    os.environ["http_proxy"] = os.environ["ALL_PROXY"] = "http://127.0.0.1:1"
    try:
        run = Run(start(path, 20))
    finally:
        del os.environ["http_proxy"], os.environ["ALL_PROXY"]
        server.shutdown()
    good(run, 20)


def setup(r, **rows):
    server = stub.start(r)
    path = conf("elastic", [f"http://127.0.0.1:{server.server_address[1]}"], **rows)
    done = subprocess.run([f"{BUILD}/wardtap", "export", "setup", "-c", path, "--set",
                           f"journal.dir={TMP.name}"], capture_output=True, text=True, timeout=60)
    server.shutdown()
    return done


def elastic_setup_sends_what_the_product_takes():
    for product, own in (("elasticsearch", "/_ilm/policy/wardtap"),
                         ("opensearch", "/_plugins/_ism/policies/wardtap")):
        r = elastic(product=product, credential="ApiKey a2V5")
        done = setup(r, api_key_file=private("a2V5"))
        assert done.returncode == 0, done
        assert set(r.objects) == {own, "/_ingest/pipeline/wardtap", "/_index_template/wardtap",
                                  "/_component_template/wardtap-mappings",
                                  "/_component_template/wardtap-settings"}, set(r.objects)
        assert r.objects["/_index_template/wardtap"]["priority"] > 200


def elastic_setup_tells_what_fails():
    done = setup(elastic(credential="x"), api_key_file=private("y"))
    assert done.returncode == 1 and "401" in done.stderr, done
    r = elastic(product="opensearch")
    r.faults = [Fault("other", status=200, body=b"<html>")]
    done = setup(r)
    assert done.returncode == 1 and "neither" in done.stderr, done
    for status, word in ((409, "stays"), (400, "no index management")):
        r = elastic(product="opensearch")
        r.faults = [Fault("other", status=200, body=b'{"version":{"number":"2.19.0",'
                          b'"distribution":"opensearch"}}'), Fault("other", status=status)]
        done = setup(r, data_stream="elsewhere")
        assert done.returncode == 0 and word in done.stdout, done
        assert "copy the template" in done.stdout and len(r.objects) == 4, done
    r = elastic()
    r.faults = [Fault("other", status=200, body=b'{"version":{"number":"8.1\\u001b"}}'),
                Fault("other", status=403, body=b"\x1b[31mno")]
    done = setup(r)
    assert done.returncode == 1 and "privilege" not in done.stdout, done
    assert "403" in done.stderr and "\x1b" not in done.stdout + done.stderr, done


def credential_is_not_repeated_in_reasons():
    secret = "c2VjcmV0LWtleQ=="
    r = elastic()
    r.bad_ids[name(2)] = (400, "mapper_parsing_exception", f"you sent {secret} to me")
    run = drive("elastic", r, n=5, api_key_file=private(secret))
    good(run, 5)
    assert secret not in run.refused[2] and "***" in run.refused[2], run.refused


def stop_is_heeded_before_the_answer():
    for kind, r, on in (("hec", Hec(), "event"), ("hec", Hec(ack_after=10**9), None),
                        ("elastic", elastic(), "bulk")):
        if on:
            r.faults = [Fault(on, times=9, sleep=600)]
        server = stub.start(r)
        process = start(conf(kind, [f"http://127.0.0.1:{server.server_address[1]}"],
                             timeout="600s"), 20)
        while not r.requests:
            time.sleep(0.02)
        time.sleep(0.3)
        process.terminate()
        run = Run(process)  # which waits for less than the answer
        server.shutdown()
        assert not any(q.get("is_slept_out") for q in r.requests)
        assert run.status == 1 and run.done == 0, run.calls


def reopen_reads_the_credential_again():
    for kind, r, old, new, row in (
            ("hec", Hec(), "old-token", "good-token", "token_file"),
            ("elastic", elastic(credential="ApiKey bmV3"), "b2xk", "bmV3", "api_key_file")):
        server, secret = stub.start(r), private(old)
        process = start(conf(kind, [f"http://127.0.0.1:{server.server_address[1]}"],
                             **{row: secret}), 20, tries=500)
        while len(r.requests) < 3:
            time.sleep(0.02)
        assert not r.stored
        os.chmod(secret, 0o644)  # refused: goes on with what it had
        process.send_signal(signal.SIGHUP)
        time.sleep(0.3)
        os.chmod(secret, 0o600)
        with open(secret, "w") as out:
            out.write(new + "\n")
        process.send_signal(signal.SIGHUP)
        run = Run(process)
        server.shutdown()
        good(run, 20)
        all_stored(r, 20)


def bad_configurations_are_told():
    token = private("good-token")
    loose = private("good-token")
    os.chmod(loose, 0o644)
    for kind, url, word, rows in (
            ("hec", "http://u:p@h:1", "files of their own", {}),
            ("hec", "ftp://h:1", "https://", {}),
            ("hec", "http://h:1/?a=b", "without", {}),
            ("hec", "http://h:1", "token_file", {"token_file": None}),
            ("hec", "http://h:1", "found", {"token_file": loose}),
            ("hec", "http://h:1", "tls.ca_file", {"tls__ca_file": "/nonexistent"}),
            ("hec", "http://h:1", "tls.cert_file", {"tls__cert_file": token}),
            ("hec", "http://h:1", "proxy", {"proxy": "http://u:p@h"}),
            ("elastic", "http://h:1", "data_stream", {"data_stream": "../x"}),
            ("elastic", "http://h:1", "data_stream", {"data_stream": "Logs"}),
            ("elastic", "http://h:1", "user", {"user": "x"}),
            ("elastic", "http://h:1", "user", {"user": "x", "password_file": token,
                                               "api_key_file": token})):
        if kind == "hec" and "token_file" not in rows:
            rows["token_file"] = token
        path = conf(kind, [url], **rows)
        if rows.get("token_file", 1) is None:
            text = open(path).read()
            open(path, "w").write(re.sub(r" +token_file:.*\n", "", text))
        run = Run(start(path, 1, tries=1))
        assert run.status == 2 and word in run.err and "good-token" not in run.err, (word, run.err)


def random_faults_lose_nothing():
    for seed in range(3):
        for kind, r in (("hec", Hec(ack_after=2)), ("elastic", elastic())):
            stub.random_faults(r, seed)
            run = drive(kind, r, n=1000, batch=100, tries=200, timeout="1s")
            good(run, 1000)
            assert not run.refused
            all_stored(r, 1000, most=99 if kind == "hec" else 1)


def main():
    wanted = sys.argv[2:]
    tests = [f for f in globals().copy().values() if callable(f) and f.__module__ == __name__ and
             getattr(f, "__code__", None) and f.__code__.co_argcount == 0 and
             re.match("hec_|elastic_|tls_|stop_|reopen_|bad_|random_|environment_|credential_", f.__name__)]
    n_failed = n_passed = 0
    certificates()
    for test in tests:
        if wanted and test.__name__ not in wanted:
            continue
        began = time.monotonic()
        try:
            test()
            n_passed += 1
        except Exception:
            n_failed += 1
            print(f"FAILED: {test.__name__}")
            traceback.print_exc(file=sys.stdout)
        if os.environ.get("V"):
            print(f"{test.__name__}: {time.monotonic() - began:.1f} s")
    print(f"{n_passed} passed, {n_failed} failed")
    return n_failed > 0


if __name__ == "__main__":
    sys.exit(main())
