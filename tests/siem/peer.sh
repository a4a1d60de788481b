# What the scripts that start a peer have in common; read by them, not run.
#   NAME.sh fetch       brings what the peer needs into the cache, where it is absent
#   NAME.sh start DIR   starts it and waits until it is ready; prints KEY=VALUE lines
#   NAME.sh stop DIR    ends it in order
#   NAME.sh kill DIR    ends it with SIGKILL; a later start takes the same ports
# Everything a peer writes lies in DIR. KEY=VALUE lines are in DIR/env too. Exit 77 with
# one line "SKIPPED: ..." where this machine cannot have the peer.
# shellcheck shell=sh

peer=$(basename "$0" .sh)

# Root's is where other users can read it: a peer may refuse to run as root.
cache_folder() {
	if [ -n "${WARDTAP_PEERS:-}" ]; then
		echo "$WARDTAP_PEERS"
	elif [ "$(id -u)" = 0 ]; then
		echo /var/cache/wardtap-peers
	else
		echo "${XDG_CACHE_HOME:-$HOME/.cache}/wardtap-peers"
	fi
}

skip() {
	echo "SKIPPED: $peer: $1" >&2
	exit 77
}

fail() {
	echo "$peer: $1" >&2
	exit 1
}

need() { # tools
	for tool in "$@"; do
		command -v "$tool" >/dev/null || skip "$tool is needed"
	done
}

# Ports that are free for TCP and UDP on loopback, all different: one line each. Below those
# that the kernel gives to clients, for another test may take one of these meanwhile.
free_ports() { # count
	python3 - "$1" <<'END'
import random, socket, sys
held, found = [], []
while len(found) < int(sys.argv[1]):
    port = random.randrange(10000, 32768)
    tcp, udp = socket.socket(), socket.socket(type=socket.SOCK_DGRAM)
    held += [tcp, udp]
    try:
        tcp.bind(("127.0.0.1", port))
        udp.bind(("127.0.0.1", port))
    except OSError:
        continue
    found.append(port)
print(*found, sep="\n")
END
}

is_alive() { # pid file
	[ -s "$1" ] && runs "$(cat "$1")"
}

listens() { # port of TCP
	python3 - "$1" <<'END'
import socket, sys
try:
    socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1).close()
except OSError:
    sys.exit(1)
END
}

# Waits until a command succeeds, as long as the peer lives.
wait_for() { # seconds, pid file, command...
	left=$(($1 * 10)) pid_file=$2
	shift 2
	while [ $left -gt 0 ]; do
		"$@" >/dev/null 2>&1 && return 0
		is_alive "$pid_file" || return 1
		sleep 0.1
		left=$((left - 1))
	done
	return 1
}

# A process that ended but was not waited for (Z) runs no longer.
runs() { # process id
	state=$(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null)
	[ -n "$state" ] && [ "$state" != Z ]
}

end() { # pid file, signal, seconds until SIGKILL
	[ -s "$1" ] || return 0
	pid=$(cat "$1")
	kill "-$2" "$pid" 2>/dev/null
	left=$(($3 * 10))
	while runs "$pid" && [ $left -gt 0 ]; do
		sleep 0.1
		left=$((left - 1))
	done
	kill -9 "$pid" 2>/dev/null
	while runs "$pid"; do
		sleep 0.05
	done
	rm -f "$1"
}

# Debian packages unpacked beside the system, not installed: two log daemons cannot be
# installed together, and a test has no business to replace the one that is there.
fetch_debian() { # folder, packages...
	into=$1
	shift
	[ -f "$into/complete" ] && return 0
	need apt-get dpkg
	rm -rf "$into" && mkdir -p "$into/deb" || return 1
	(cd "$into/deb" && apt-get download -qq "$@" >/dev/null 2>"$into/log") || {
		cat "$into/log" >&2
		return 1
	}
	for package in "$into"/deb/*.deb; do
		dpkg -x "$package" "$into" || return 1
	done
	rm -rf "$into/deb"
	: >"$into/complete"
}

certificate() { # folder, name, issuer, first and last time
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1/$2.key" -out "$1/$2.csr" \
		-subj "/O=wardtap test/CN=$2" 2>/dev/null &&
		openssl ca -batch -notext -config "$1/$3.cnf" -extensions leaf -in "$1/$2.csr" \
			-out "$1/$2.crt" -startdate "$4" -enddate "$5" 2>"$1/log" || {
		cat "$1/log" >&2
		return 1
	}
}

authority() { # folder, name
	mkdir -p "$1/$2.issued" && : >"$1/$2.index" && echo 1000 >"$1/$2.serial" || return 1
	cat >"$1/$2.cnf" <<END
[ca]
default_ca = here
[here]
new_certs_dir = $1/$2.issued
database = $1/$2.index
serial = $1/$2.serial
certificate = $1/$2.crt
private_key = $1/$2.key
default_md = sha256
policy = any
unique_subject = no
[any]
organizationName = optional
commonName = supplied
[leaf]
basicConstraints = CA:false
subjectAltName = \${ENV::NAMES}
END
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout "$1/$2.key" -out "$1/$2.crt" \
		-subj "/O=wardtap test/CN=$2" -addext basicConstraints=critical,CA:true \
		-addext keyUsage=critical,keyCertSign 2>/dev/null
}

# In DIR/certs: ca.crt; server (good), expired, othername: what a peer may show; client
# (sensor.test); stranger: a client of another authority, stranger_ca.
certificates() { # DIR
	[ -f "$1/certs/complete" ] && return 0
	need openssl
	certs=$1/certs
	mkdir -p "$certs" && authority "$certs" ca && authority "$certs" stranger_ca || return 1
	from=$(date -u -d yesterday +%Y%m%d000000Z) to=$(date -u -d tomorrow +%Y%m%d235959Z)
	past=$(date -u -d '3 days ago' +%Y%m%d000000Z)
	export NAMES=DNS:siem.test,DNS:localhost,IP:127.0.0.1,IP:::1
	certificate "$certs" server ca "$from" "$to" &&
		certificate "$certs" expired ca "$past" "$from" || return 1
	NAMES=DNS:other.test
	certificate "$certs" othername ca "$from" "$to" || return 1
	NAMES=DNS:sensor.test
	certificate "$certs" client ca "$from" "$to" &&
		certificate "$certs" stranger stranger_ca "$from" "$to" || return 1
	chmod 600 "$certs"/*.key
	: >"$certs/complete"
}

# What the two daemons of syslog have in common. Each brings the functions fetch, find_it,
# configure (prints what FILE is to hold), verify FILE (says what is wrong with it) and launch
# FILE (becomes the daemon), and DIR or FILE in `dir`.

# DIR/env: a port for each way, made once, so that a daemon comes back where it was.
syslog_ports() {
	[ ! -f "$dir/env" ] || return 0
	set -- $(free_ports 4)
	cat >"$dir/env" <<END
UDP=$1
TCP=$2
LF=$3
TLS=$4
CA=$dir/certs/ca.crt
CLIENT_CERT=$dir/certs/client.crt
CLIENT_KEY=$dir/certs/client.key
SERVER_NAME=siem.test
END
}

syslog_start() {
	need python3 openssl
	fetch
	find_it || skip "it is not installed"
	mkdir -p "$dir/work" && certificates "$dir" || fail "no certificates"
	syslog_ports
	. "$dir/env"
	configure >"$dir/$peer.conf"
	verify "$dir/$peer.conf" >"$dir/check" 2>&1 || {
		cat "$dir/check" >&2
		fail "configuration refused"
	}
	rm -f "$dir/own.pid"
	# launch execs: what is killed later has to be the program, not a shell around it
	launch "$dir/$peer.conf" >>"$dir/out" 2>&1 &
	echo $! >"$dir/pid"
	for port in "$TCP" "$LF" "$TLS"; do
		wait_for 20 "$dir/pid" listens "$port" || {
			cat "$dir/out" >&2
			fail "it did not start"
		}
	done
	cat "$dir/env"
}

# fetch | check FILE (a configuration of somebody else) | start|stop|kill DIR
syslog_main() {
	dir=${2:-}
	case ${1:-}:$dir in
	fetch:) fetch ;;
	check:/*)
		fetch
		find_it || skip "it is not installed"
		verify "$dir"
		;;
	start:/*) syslog_start ;;
	stop:/*) end "$dir/pid" TERM 10 ;;
	kill:/*) end "$dir/pid" KILL 0 ;;
	*)
		echo "usage: $0 fetch | check FILE | start|stop|kill DIR (absolute paths)" >&2
		exit 2
		;;
	esac
}
