#!/bin/sh
# From a bare Debian 12 (or newer) to a working wardtap.
#   contrib/bootstrap.sh demo    install what building needs, build, replay captures
#   contrib/bootstrap.sh check   install what testing needs, run the whole test suite
# Needs root for apt-get alone; everything else happens in this folder.
set -eu
cd "$(dirname "$0")/.."

build_packages='gcc make pkg-config libc6-dev libpcap-dev zlib1g-dev libzstd-dev libyaml-dev
	libssl-dev libxxhash-dev libpcre2-dev libsqlite3-dev libmaxminddb-dev
	libcurl4-openssl-dev'
check_packages='clang-14 libclang-rt-14-dev llvm-14 clang-tidy-14 cppcheck check git mandoc
	shellcheck tshark tcpreplay tcpdump iproute2 ethtool jq diffutils procps openssl
	python3 python3-jsonschema python3-hl7 python3-yaml
	python3-venv curl openssl maven default-jre-headless'
optional_packages='libndpi-dev ieee-data'

usage() {
	echo "usage: $0 demo|check" >&2
	exit 2
}

install() {
	if [ "$(id -u)" != 0 ]; then
		echo "$0: root is needed to install packages (sudo $0 $command)" >&2
		exit 2
	fi
	missing=
	for package in "$@"; do
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
			missing="$missing $package"
	done
	[ -n "$missing" ] || return 0
	export DEBIAN_FRONTEND=noninteractive
	for try in 1 2 3; do
		apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing \
			>/dev/null && return 0
		echo "$0: apt-get failed (attempt $try)" >&2
		sleep 5
	done
	exit 1
}

# nDPI labels unknown flows, ieee-data names the makers of network cards.
install_optional() {
	for package in $optional_packages; do
		(install "$package") || echo "without $package: what needs it is left out"
	done
}

# The prefilter of rules: Vectorscan where it is packaged, else Hyperscan (x86), same API.
install_prefilter() {
	pkg-config --exists libhs 2>/dev/null && return 0
	(install libvectorscan-dev) 2>/dev/null || install libhyperscan-dev
}

# Validators come from PyPI: of CycloneDX, CEF, Splunk add-ons and Sigma rules. Tests say so
# where one is missing.
install_validators() {
	build/venv/bin/python -c 'import cyclonedx, pycef, cefevent, splunk_appinspect, sigma.backends.opensearch' \
		2>/dev/null && return 0
	mkdir -p build
	[ -x build/venv/bin/python ] || python3 -m venv build/venv || {
		rm -rf build/venv
		echo "without python3-venv: some tests are left out"
		return 0
	}
	for package in 'cyclonedx-python-lib[json-validation]>=8,<9' pycef==1.11 cefevent==0.5.6 \
		'splunk-appinspect>=4.3,<5' 'pysigma-backend-opensearch>=2,<3'; do
		build/venv/bin/pip install -q "$package" || echo "without $package: a test is left out"
	done
}

# Receivers to test against, which are not installed but unpacked or built in a cache.
fetch_peers() {
	for peer in rsyslog syslog-ng opensearch otel; do
		tests/siem/$peer.sh fetch || echo "without $peer: tests with it are left out"
	done
}

[ $# = 1 ] || usage
command=$1
case $command in
demo)
	install $build_packages
	install_optional
	install_prefilter
	make -j"$(nproc)" all
	echo
	echo "wardtap replay pcaps/hl7/pcd01-pump.pcap pcaps/hl7/adt-oru.pcap \\"
	echo "               pcaps/dicom/store-modalities.pcap pcaps/dicom/find-move.pcap"
	echo
	build/wardtap replay pcaps/hl7/pcd01-pump.pcap pcaps/hl7/adt-oru.pcap \
		pcaps/dicom/store-modalities.pcap pcaps/dicom/find-move.pcap
	rm -rf build/demo
	build/wardtap replay -o build/demo pcaps/hl7/pcd01-pump.pcap \
		pcaps/dicom/store-modalities.pcap
	echo
	echo "First events of build/demo/events.jsonl (wardtap replay -o build/demo ...):"
	head -n 3 build/demo/events.jsonl
	echo
	echo "The devices found (wardtap inventory list -s build/demo):"
	build/wardtap inventory list -s build/demo
	;;
check)
	install $build_packages $check_packages
	install_optional
	install_prefilter
	install_validators
	fetch_peers
	exec tests/all.sh
	;;
*)
	usage
	;;
esac
