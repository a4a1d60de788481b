"""The receivers of kill.py: each can be started, killed, and tells what it stored."""
import json
import os
import re
import subprocess
import sys
import time
import urllib.request

import hec_arrived

HERE = os.path.dirname(os.path.abspath(__file__))
RUNNING = []
RULE = re.compile(r'"kind":"(\w+)"')
SEQ = re.compile(r'"journal_seq":(\d+)')
ALERT = re.compile(r'"alert_id":"([0-9a-f]{32})","seq":(\d+)')
COUNT = re.compile(r'"count":(\d+)')


def stop_all():
    for peer in list(RUNNING):
        peer.kill()


def from_json(line):
    """(id, sequence, kind, count) of a line in the format json."""
    alert = ALERT.search(line)
    count = COUNT.search(line)
    return (f"{alert.group(1)}-{alert.group(2)}", int(SEQ.search(line).group(1)),
            RULE.search(line).group(1), int(count.group(1)) if count else 0)


class Peer:
    can_die, is_confirmed, risk, starts_at = True, True, 1.0, 0

    def __init__(self, name, folder):
        self.name, self.folder, self.process = name, folder, None
        self.store = f"{folder}/{name}.store"

    def command(self):
        raise NotImplementedError

    def start(self):
        if self.process:
            return
        ready = f"{self.folder}/{self.name}.port.ready"
        if os.path.exists(ready):
            os.unlink(ready)
        with open(f"{self.folder}/{self.name}.log", "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(self.command(), stdout=log, stderr=log)
        RUNNING.append(self)
        end = time.monotonic() + 30
        while not os.path.exists(ready):
            assert time.monotonic() < end and self.process.poll() is None, f"no {self.name}"
            time.sleep(0.02)

    def start_when(self, is_time):
        if is_time:
            self.start()
        return is_time

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            RUNNING.remove(self)
        self.process = None

    close = kill

    def port(self):
        with open(f"{self.folder}/{self.name}.port", encoding="ascii") as file:
            return int(file.read())

    def complaints(self):
        with open(f"{self.folder}/{self.name}.log", encoding="utf-8") as file:
            return [line for line in file if "BREACH" in line or "Traceback" in line]


class File(Peer):
    can_die = False

    def __init__(self, name, folder, disk):
        super().__init__(name, folder)
        self.path = f"{disk}/{name}.lines"

    def start(self):
        pass

    def conf(self):
        return f"type: file, path: {self.path}, rotate: {{size: 1000M}}"

    def records(self):
        with open(self.path, encoding="utf-8") as file:
            for line in file:
                yield from_json(line)

    def complaints(self):
        return []


class Syslog(Peer):
    is_confirmed = False

    def __init__(self, name, folder, certs=None):
        super().__init__(name, folder)
        self.certs = certs

    def command(self):
        more = [f"cert={self.certs}.pem", f"key={self.certs}.key"] if self.certs else []
        return [sys.executable, "-B", f"{HERE}/../syslog_peer.py", self.name,
                f"{self.folder}/{self.name}.port", self.store, *more]

    def conf(self):
        tls = f", tls: {{ca_file: {self.certs}.pem, name: collector.test}}" if self.certs else ""
        return (f"type: syslog, address: '127.0.0.1:{self.port()}', transport: {self.name}, "
                f"format: json, timeout: 1s{tls}")

    def records(self):
        with open(self.store, encoding="utf-8") as file:
            for line in file:
                if line.endswith("}\n"):
                    yield from_json(line)


class Stub(Peer):
    def __init__(self, name, folder, seed):
        super().__init__(name, folder)
        self.seed = seed
        self.token = f"{folder}/token"
        with open(self.token, "w", encoding="ascii") as file:
            file.write("good-token\n")
        os.chmod(self.token, 0o600)
        if os.geteuid() == 0:
            os.chown(self.token, 65534, 65534)

    def command(self):
        return [sys.executable, "-B", f"{HERE}/stub.py", self.name,
                f"{self.folder}/{self.name}.port", str(self.seed), self.store]

    def conf(self):
        token = f", token_file: {self.token}, ack: on" if self.name == "hec" else ""
        return (f"type: {self.name}, url: ['http://127.0.0.1:{self.port()}'], timeout: 1s{token}")

    def records(self):
        with open(self.store, encoding="ascii") as file:
            for line in file:
                words = line.split()
                if line.endswith("\n"):
                    yield (words[0], int(words[1]), words[2],
                           int(words[3]) if words[3] != "None" else 0)

    def complaints(self):
        told = super().complaints()
        if self.process:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port()}/_stub/state") as answer:
                told += json.load(answer)["complaints"]
        return told


class Scripted(Peer):
    """A peer with a script of its own (peer.sh): starts slowly, so it is killed seldom."""
    risk = 0.15

    def __init__(self, name, script, folder):
        super().__init__(name, folder)
        self.script, self.home, self.began = f"{HERE}/{script}.sh", f"{folder}/{name}", None

    def run(self, word):
        return subprocess.run([self.script, word, self.home], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False,
                              env={**os.environ, "PEER_ACK_DELAY": "500ms"})

    def start(self):
        if self.process:
            return
        if self.began:
            self.began.wait()
            self.began = None
        else:
            done = self.run("start")
            assert done.returncode == 0, done.stdout
        self.process = True
        RUNNING.append(self)

    def start_when(self, is_time):
        """In the background, as the others go on."""
        if not self.began and is_time:
            self.began = subprocess.Popen([self.script, "start", self.home],
                                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                          env={**os.environ, "PEER_ACK_DELAY": "500ms"})
        if not self.began or self.began.poll() is None:
            return False
        self.start()
        return True

    def kill(self):
        if self.began:
            self.began.wait()
            self.began = None
        self.run("kill")
        if self in RUNNING:
            RUNNING.remove(self)
        self.process = None

    close = kill

    def value(self, key):
        with open(f"{self.home}/env", encoding="ascii") as file:
            return re.search(rf"^{key}=(.*)$", file.read(), re.M).group(1)

    def complaints(self):
        return []


class OpenSearch(Scripted):
    stream = "logs-wardtap.alert-kill"

    def conf(self):
        return (f"type: elastic, url: ['{self.value('URL')}'], data_stream: {self.stream}, "
                "timeout: 20s")

    def ask(self, path, body=None):
        request = urllib.request.Request(
            f"{self.value('URL')}/{path}", data=json.dumps(body).encode() if body else None,
            headers={"Content-Type": "application/json"}, method="POST")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def records(self):
        """In the order in which the one shard took them."""
        self.ask(f"{self.stream}/_refresh")
        body = {"size": 5000, "sort": [{"_seq_no": "asc"}],
                "_source": ["event.sequence", "event.action", "wardtap.count"]}
        while True:
            hits = self.ask(f"{self.stream}/_search", body)["hits"]["hits"]
            for hit in hits:
                yield (hit["_id"], hit["_source"]["event"]["sequence"],
                       hit["_source"]["event"]["action"],
                       hit["_source"].get("wardtap", {}).get("count", 0))
            if not hits:
                return
            body["search_after"] = hits[-1]["sort"]


class Otel(Scripted):
    def conf(self):
        return (f"type: hec, url: ['http://127.0.0.1:{self.value('HTTP')}'], "
                f"token_file: {self.home}/token, ack: on, timeout: 3s, batch: {{records: 4000}}")

    def records(self):
        """The file may hold a line that a kill cut."""
        whole = f"{self.home}/whole.json"
        with open(f"{self.home}/events.json", encoding="utf-8") as file, \
                open(whole, "w", encoding="utf-8") as out:
            out.writelines(line for line in file if is_whole(line))
        for _, _, body, fields in hec_arrived.arrived(whole):
            yield (fields["record_id"], int(body["journal_seq"]), body["kind"],
                   int(body.get("count") or 0))


def is_whole(line):
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def certificate(folder):
    path = f"{folder}/collector"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                    "/CN=collector.test", "-addext", "subjectAltName=DNS:collector.test",
                    "-keyout", f"{path}.key", "-out", f"{path}.pem"], check=True,
                   stderr=subprocess.DEVNULL)
    return path


def stubs(folder, disk, seed):
    return [File("file", folder, disk), Syslog("tcp", folder), Syslog("udp", folder),
            Syslog("tls", folder, certificate(folder)), Stub("hec", folder, seed),
            Stub("elastic", folder, seed)]


def real(folder, build, as_user, sums):
    """The peers that this machine can have, with their templates."""
    found = []
    for kind, name, script in ((OpenSearch, "opensearch", "opensearch"), (Otel, "otel", "otel")):
        peer = kind(name, script, folder)
        os.mkdir(peer.home)
        fetched = subprocess.run([peer.script, "fetch"], stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, text=True, check=False)
        if fetched.returncode == 77:
            sums["skipped"] += 1
            print(fetched.stdout.strip())
            continue
        assert fetched.returncode == 0, fetched.stdout
        peer.start()
        if name == "otel" and os.geteuid() == 0:
            os.chown(f"{peer.home}/token", 65534, 65534)
        if name == "opensearch":
            install(peer, folder, build, as_user)
        found.append(peer)
    return found


def install(peer, folder, build, as_user):
    conf = f"{folder}/setup.conf"
    with open(conf, "w", encoding="utf-8") as file:
        file.write(f"journal: {{dir: {folder}/j}}\nsinks: {{opensearch: {{{peer.conf()}}}}}\n")
    done = subprocess.run([*as_user, f"{build}/wardtap", "export", "setup", "-c", conf],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout
