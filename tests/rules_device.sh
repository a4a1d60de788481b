#!/bin/sh
# Rules that ask who the devices are (device.*), over captures whose devices are known.
# Usage: tests/rules_device.sh BUILD
set -u
cd "$(dirname "$0")/.." || exit 1
program=$1/wardtap
captures=../shared/pcaps
if [ ! -d "$captures" ]; then
	echo "SKIPPED: $captures is absent: rules on devices were not run"
	exit 77
fi
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
n_passed=0 n_failed=0

fires() { # capture, options, "sids that fire", by how many alerts of each: "sid:n sid:n"
	printf '%s\n' "$2" >"$dir/test.rules"
	"$program" replay -j "$4" -o "$dir/out" --set "inventory.zones=lab=10.0.0.0/8,lab=192.168.0.0/16,wan=8.0.0.0/8" \
		--rules "$dir/test.rules" "$captures/$1" >/dev/null 2>"$dir/err" || cat "$dir/err"
	found=$(sed -n 's/.*"signature_id":\([0-9]*\).*/\1/p' "$dir/out/alerts.jsonl" | sort |
		uniq -c | awk '{ printf "%s%s:%s", (NR > 1 ? " " : ""), $2, $1 }')
	if [ "$found" = "$3" ]; then
		n_passed=$((n_passed + 1))
	else
		n_failed=$((n_failed + 1))
		echo "FAILED: $1: alerts '$found', expected '$3' of: $2"
	fi
}

# whichever addresses the capture has
zones="2:2 5:2"
"$program" replay -o "$dir/all" "$captures/hl7/tapirx__HL7-ADT-UDI-PRT.pcap" >/dev/null 2>&1
grep '"event_type":"hl7"' "$dir/all/events.jsonl" |
	grep -qE '"src_ip":"(10|192[.]168)[.]' && zones="1:2 3:2 5:2"
any='alert ip any any -> any any (msg:"t"; content:"MSH";'
"$program" replay -o "$dir/all" "$captures/lab-dicom" >/dev/null 2>&1
n_stores=$(grep -c '"command":"C-STORE-RQ"' "$dir/all/events.jsonl")
for j in 1 2; do
	fires hl7/tapirx__HL7-ADT-UDI-PRT.pcap "$any device.class:infusion_pump; sid:1;)
$any device.class:!infusion_pump; sid:2;)
$any device.class:patient_monitor; sid:3;)
$any device.class:patient_monitor|infusion_pump; sid:4;)
$any device.class:both,infusion_pump; sid:5;)
$any device.class:*pump; sid:6;)
$any device.class:pump; sid:7;)" "1:2 4:2 6:2" $j
	store='alert dicom any any -> any any (msg:"t"; dicom.command; content:"C-STORE-RQ";'
	fires lab-dicom "$store device.class:src,imaging_modality; sid:1;)
$store device.class:dst,imaging_modality; sid:2;)
$store device.class:dst,pacs_archive; device.role:src,*; sid:3;)
$store device.modality:src,XX; sid:4;)
$store device.class:both,!pacs_archive; sid:5;)
$store device.ae_title:src,*; sid:6;)" "1:$n_stores 3:$n_stores 6:$n_stores" $j
	fires hl7/tapirx__HL7-ADT-UDI-PRT.pcap "$any device.zone:lab; sid:1;)
$any device.zone:!lab; sid:2;)
$any device.zone:both,lab; sid:3;)
$any device.zone:src,wan; sid:4;)
$any device.zone:src,!wan; sid:5;)" "$zones" $j
done
echo "$n_passed passed, $n_failed failed, 0 skipped"
[ "$n_failed" = 0 ]
