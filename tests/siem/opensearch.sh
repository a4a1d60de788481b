#!/bin/sh
# A real OpenSearch node, alone, on loopback, without security (its plugin is no part of
# the minimal distribution). Usage: tests/siem/opensearch.sh fetch | start|stop|kill DIR
# Data and logs lie in DIR/node. Heap 512 MiB (PEER_HEAP=1g: another size).
# Needs Java 11 to 21; downloads come through Maven, with their checksums pinned.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/peer.sh"
cache=$(cache_folder)
version=2.19.6
home=$cache/opensearch-$version

# A Java that this release runs on: it needs a security manager, which 24 removed.
find_java() {
	for java in "${JAVA_HOME:-/nonexistent}/bin/java" "$(command -v java)" /usr/lib/jvm/*/bin/java; do
		[ -x "$java" ] || continue
		major=$("$java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p;q')
		[ "${major:-0}" -ge 11 ] && [ "$major" -le 21 ] && return 0
	done
	return 1
}

module() { # name, class, extended modules, jars...
	into=$home/modules/$1
	mkdir -p "$into" || return 1
	cat >"$into/plugin-descriptor.properties" <<END
description=$1
version=$version
name=$1
classname=$2
java.version=11
opensearch.version=$version
custom.foldername=
extended.plugins=$3
has.native.controller=false
END
	shift 3
	for jar in "$@"; do
		cp "$jars/$jar" "$into/" || return 1
	done
}

modules() {
	module lang-painless org.opensearch.painless.PainlessPlugin "" lang-painless-$version.jar \
		opensearch-scripting-painless-spi-$version.jar antlr4-runtime-4.13.1.jar asm-9.7.jar \
		asm-analysis-9.7.jar asm-commons-9.7.jar asm-tree-9.7.jar asm-util-9.7.jar || return 1
	# Scripts are compiled into classes of a loader of their own.
	cat >"$home/modules/lang-painless/plugin-security.policy" <<'END'
grant {
	permission java.lang.RuntimePermission "createClassLoader";
	permission java.lang.RuntimePermission "getClassLoader";
};
END
	module lang-mustache org.opensearch.script.mustache.MustachePlugin "" \
		lang-mustache-client-$version.jar compiler-0.9.14.jar || return 1
	cat >"$home/modules/lang-mustache/plugin-security.policy" <<'END'
grant {
	permission java.lang.RuntimePermission "accessDeclaredMembers";
};
END
	module ingest-common org.opensearch.ingest.common.IngestCommonPlugin lang-painless \
		ingest-common-$version.jar opensearch-grok-$version.jar opensearch-dissect-$version.jar \
		joni-2.2.1.jar jcodings-1.0.61.jar || return 1
	module analysis-common org.opensearch.analysis.common.CommonAnalysisPlugin lang-painless \
		analysis-common-$version.jar
}

fetch() {
	cksum "$here/opensearch/SHA256SUMS" | cmp -s - "$home/complete" && return 0
	need mvn python3 sha256sum
	jars=$home.jars
	rm -rf "$home" "$jars"
	mkdir -p "$jars" || fail "cannot write to $cache"
	mvn -q -B -f "$here/opensearch/pom.xml" dependency:copy-dependencies \
		-DoutputDirectory="$jars" >"$jars.log" 2>&1 || {
		tail -n 5 "$jars.log" >&2
		skip "its files cannot be had through Maven"
	}
	(cd "$jars" && sha256sum --quiet -c "$here/opensearch/SHA256SUMS") ||
		fail "a file is not the one that SHA256SUMS names"
	python3 -m zipfile -e "$jars/opensearch-$version.zip" "$jars/unpacked" &&
		mv "$jars/unpacked/opensearch-$version" "$home" && modules || fail "cannot unpack"
	chmod -R a+rX "$home"
	rm -rf "$jars" "$jars.log"
	cksum "$here/opensearch/SHA256SUMS" >"$home/complete"
}

configure() {
	cp "$home/config/log4j2.properties" "$node/config/"
	cat >"$node/config/opensearch.yml" <<END
cluster.name: wardtap-test
node.name: peer
path.data: $node/data
path.logs: $node/logs
network.host: 127.0.0.1
http.port: $HTTP
transport.port: $TRANSPORT
discovery.type: single-node
node.processors: 2
node.store.allow_mmap: false
cluster.routing.allocation.disk.threshold_enabled: false
END
}

launch() {
	heap=${PEER_HEAP:-512m}
	set -- "$java" "-Xms$heap" "-Xmx$heap" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
		-Djava.io.tmpdir="$node/tmp" -Djna.tmpdir="$node/tmp" -Djna.nosys=true \
		-Dlog4j2.disable.jmx=true -Dlog4j.shutdownHookEnabled=false -Djava.awt.headless=true \
		-Dio.netty.noUnsafe=true -Dio.netty.noKeySetOptimization=true -Dfile.encoding=UTF-8 \
		-Dopensearch.path.home="$home" -Dopensearch.path.conf="$node/config" \
		-Dopensearch.distribution.type=zip -XX:ErrorFile="$node/logs/hs_err.log" \
		-XX:-HeapDumpOnOutOfMemoryError \
		-Djava.util.concurrent.ForkJoinPool.common.threadFactory=org.opensearch.secure_sm.SecuredForkJoinWorkerThreadFactory
	[ "$major" -lt 18 ] || set -- "$@" -Djava.security.manager=allow
	set -- "$@" -cp "$home/lib/*" org.opensearch.bootstrap.OpenSearch
	if [ "$(id -u)" = 0 ]; then # it refuses to run as root
		chown -R 65534:65534 "$node"
		chmod a+x "$dir"
		set -- setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
	fi
	(cd "$node" && HOME=$node exec "$@") >>"$dir/out" 2>&1 &
	echo $! >"$dir/pid"
}

answers() {
	curl -sf --max-time 5 "$URL/_cluster/health?wait_for_status=yellow&timeout=4s"
}

start() {
	need curl python3
	find_java || skip "Java 11 to 21 is needed"
	fetch
	node=$dir/node
	mkdir -p "$node/config" "$node/data" "$node/logs" "$node/tmp" || fail "cannot write to $dir"
	if [ ! -f "$dir/env" ]; then
		set -- $(free_ports 2)
		printf 'HTTP=%s\nTRANSPORT=%s\nURL=http://127.0.0.1:%s\n' "$1" "$2" "$1" >"$dir/env"
	fi
	. "$dir/env"
	configure
	launch
	wait_for 180 "$dir/pid" answers || {
		tail -n 30 "$dir/out" >&2
		fail "it did not start"
	}
	cat "$dir/env"
}

dir=${2:-}
case ${1:-}:$dir in
fetch:) fetch ;;
start:/*) start ;;
stop:/*) end "$dir/pid" TERM 30 ;;
kill:/*) end "$dir/pid" KILL 0 ;;
*)
	echo "usage: $0 fetch | start|stop|kill DIR (an absolute path)" >&2
	exit 2
	;;
esac
