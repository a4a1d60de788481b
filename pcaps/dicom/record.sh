#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Record the DICOM captures of this folder from real programs.
#
#   ./record.sh            all of them
#   ./record.sh echo mpps  some of them
#
# Needs root, Debian 12 and:
#   apt-get install dcmtk orthanc libgdcm-tools tcpdump tshark ethtool \
#       iproute2 python3-venv curl nodejs npm
# It makes a Python environment and an npm folder under /tmp/wardtap-rec (or $REC).
# OUT=/tmp/x ./record.sh writes elsewhere.
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
. "$HERE/../common/netlab.sh"

VENV=$REC/venv
if ! [ -x $VENV/bin/python3 ]; then
    /usr/bin/python3 -m venv $VENV && $VENV/bin/pip install -q pydicom==3.0.2 pynetdicom==3.0.4 numpy hl7==0.4.5 || exit 1
fi
D=$WORK/dcm
[ -s $D/rtplan1.dcm ] || $PY "$HERE/make_dicom.py" $D || exit 1
if ! [ -s $D/ct1-rle.dcm ]; then
    dcmconv +ti $D/ct1.dcm $D/ct1-ile.dcm
    dcmconv +tb $D/ct1.dcm $D/ct1-ebe.dcm
    dcmconv +td $D/ct1.dcm $D/ct1-deflated.dcm
    dcmcjpeg +e1 $D/ct1.dcm $D/ct1-jpegll.dcm
    dcmcjpeg +eb $D/us1.dcm $D/us1-jpeg.dcm
    dcmcjpls +el $D/ct1.dcm $D/ct1-jpegls.dcm
    gdcmconv --j2k $D/ct1.dcm $D/ct1-j2k.dcm
    dcmcrle $D/ct1.dcm $D/ct1-rle.dcm
fi

truth() { $PY "$HERE/truth_dicom.py" --work "$WORK" --out "$OUT" --name "$NAME" "$@"; }
T=(-d)                       # dcmtk programs: log everything

# dcmqrscp with the AE titles and peers of a small archive, port $1
qr_config() {
    mkdir -p $WORK/qr; rm -rf $WORK/qr/*
    cat > $WORK/qr.cfg <<CFG
NetworkTCPPort = $1
MaxPDUSize = ${2:-16384}
MaxAssociations = ${3:-16}
HostTable BEGIN
ct1 = (WARD_CT1, 10.77.0.21, 11112)
wks = (WARD_WKS, 10.77.0.21, 11112)
store = (WARD_STORE, 10.77.0.30, 11113)
peers = ct1, wks, store
HostTable END
VendorTable BEGIN
VendorTable END
AETable BEGIN
WARDPACS $WORK/qr RW (200, 1024mb) peers
OPENPACS $WORK/qr R (200, 1024mb) ANY
AETable END
CFG
}
qr_fill() { cp "$@" $WORK/qr/; (cd $WORK/qr && dcmqridx $WORK/qr $(ls $WORK/qr/*.dcm) >/dev/null 2>&1); }

rec_echo() {            # C-ECHO, three times, against storescp
    cap_start echo
    bg srv srv storescp "${T[@]}" -aet WARDPACS -od $WORK/logs 11112; wait_port srv 11112
    on cli cli echoscu "${T[@]}" -aet WARD_CT1 -aec WARDPACS 10.77.0.10 11112
    on cli cli echoscu "${T[@]}" -aet WARD_WKS -aec WARDPACS --repeat 3 10.77.0.10 11112
    on cli cli echoscu "${T[@]}" 10.77.0.10 11112
    bg_stop; cap_stop
    truth --note "C-ECHO: one, three on one association, one with the default AE titles" --server storescp --client echoscu --port 11112 --log dcmtk:cli
}

rec_store_ct() {        # two CT images on one association
    cap_start store-ct
    bg srv srv storescp "${T[@]}" -aet WARDPACS --ignore 11112; wait_port srv 11112
    on cli cli storescu "${T[@]}" -aet WARD_CT1 -aec WARDPACS 10.77.0.10 11112 $D/ct1.dcm $D/ct2.dcm
    bg_stop; cap_stop
    truth --note "C-STORE of two CT images on one association, explicit little endian" --server storescp --client storescu --port 11112 --log dcmtk:cli
}

rec_find_move() {       # C-FIND and C-MOVE with the sub-association, and A801
    qr_config 11112; qr_fill $D/ct[1-5].dcm $D/mr1.dcm $D/us1.dcm
    cap_start find-move
    bg srv srv dcmqrscp "${T[@]}" -dhl -c $WORK/qr.cfg; wait_port srv 11112
    bg thr thr storescp "${T[@]}" -aet WARD_STORE --ignore 11113; wait_port thr 11113
    on cli cli findscu "${T[@]}" -S -aet WARD_WKS -aec WARDPACS -k QueryRetrieveLevel=STUDY -k PatientID= -k PatientName= -k StudyInstanceUID= -k StudyDate= -k ModalitiesInStudy= 10.77.0.10 11112
    on cli cli findscu "${T[@]}" -P -aet WARD_WKS -aec WARDPACS -k QueryRetrieveLevel=PATIENT -k "PatientName=WARDTAP*" -k PatientID= 10.77.0.10 11112
    on cli cli movescu "${T[@]}" -S -aet WARD_WKS -aec WARDPACS -aem WARD_STORE -k QueryRetrieveLevel=STUDY -k StudyInstanceUID=$(dcmdump +P StudyInstanceUID $D/ct1.dcm | sed 's/.*\[\(.*\)\].*/\1/') 10.77.0.10 11112
    on cli cli movescu "${T[@]}" -P -aet WARD_WKS -aec WARDPACS -aem ROGUE_AE -k QueryRetrieveLevel=PATIENT -k PatientID=TEST000123 10.77.0.10 11112
    bg_stop; cap_stop
    truth --note "C-FIND study root (all studies) and patient root (name wildcard); C-MOVE of a CT study of five images to a third host, with the sub-association; C-MOVE to an unknown destination (A801)" --server dcmqrscp --client "findscu, movescu" --third storescp --port 11112 --port 11113 --log dcmtk:cli --log dcmtk:thr:server
}

rec_reject() {          # association rejections
    qr_config 11112
    cap_start reject
    bg srv srv dcmqrscp "${T[@]}" -dhl -c $WORK/qr.cfg; wait_port srv 11112
    bg srv srv2 storescp "${T[@]}" --refuse 11113; wait_port srv 11113
    on cli cli echoscu "${T[@]}" -aet WARD_CT1 -aec NOSUCHPACS 10.77.0.10 11112
    on cli cli echoscu "${T[@]}" -aet INTRUDER -aec WARDPACS 10.77.0.10 11112
    for a in ORTHANC CONQUEST DCM4CHEE PACS ARCHIVE; do
        on cli cli echoscu "${T[@]}" -aet ECHOSCU -aec $a 10.77.0.10 11112
    done
    on cli cli storescu "${T[@]}" -aet WARD_CT1 -aec BADPACS 10.77.0.10 11112 $D/ct1.dcm
    on cli cli echoscu "${T[@]}" -aet WARD_CT1 -aec WARDPACS 10.77.0.10 11113
    on cli cli echoscu "${T[@]}" -aet WARD_CT1 -aec WARDPACS 10.77.0.10 11112
    bg_stop; cap_stop
    truth --note "Associations rejected: called AE unknown (seven, five of them guesses of usual names), calling AE unknown, refused without reason; then one accepted" --server "dcmqrscp (11112), storescp --refuse (11113)" --client "echoscu, storescu" --port 11112 --port 11113 --log dcmtk:cli
}

DPEER="$PY $HERE/dimse_peer.py"
NPMDIR=$REC/npm
js() { [ -d $NPMDIR/node_modules/dcmjs-dimse ] || (mkdir -p $NPMDIR && cd $NPMDIR && npm init -y >/dev/null 2>&1 && npm i dcmjs-dimse@0.3.3 >/dev/null 2>&1); }
JS="node $HERE/dimse_peer.js"
uid_of() { dcmdump +P $1 $2 | sed 's/.*\[\(.*\)\].*/\1/'; }

rec_store_modalities() {        # several kinds of object, one association each
    cap_start store-modalities
    bg srv srv storescp "${T[@]}" -aet WARDPACS --ignore 11112; wait_port srv 11112
    on cli cli storescu "${T[@]}" -R -aet WARD_MR1 -aec WARDPACS 10.77.0.10 11112 $D/mr1.dcm $D/mr2.dcm
    on cli cli storescu "${T[@]}" -R -aet WARD_US3 -aec WARDPACS 10.77.0.10 11112 $D/us1.dcm
    on cli cli storescu "${T[@]}" -R -aet WARD_SC4 -aec WARDPACS 10.77.0.10 11112 $D/sc1.dcm
    on cli cli storescu "${T[@]}" -R -aet WARD_CR5 -aec WARDPACS 10.77.0.10 11112 $D/cr1.dcm
    on cli cli storescu "${T[@]}" -R -aet WARD_PDF6 -aec WARDPACS 10.77.0.10 11112 $D/pdf1.dcm
    on cli cli storescu "${T[@]}" -R -aet WARD_RT7 -aec WARDPACS 10.77.0.10 11112 $D/rtplan1.dcm
    bg_stop; cap_stop
    truth --note "C-STORE of MR (two), US, secondary capture, CR, encapsulated PDF, RT Plan; one association each, only the needed contexts" --server storescp --client storescu --port 11112 --log dcmtk:cli
}
rec_store_mixed() {             # several kinds on one association
    cap_start store-mixed
    bg srv srv storescp "${T[@]}" -aet WARDPACS --ignore 11112; wait_port srv 11112
    on cli cli storescu "${T[@]}" -R -aet WARD_GW -aec WARDPACS 10.77.0.10 11112 $D/ct1.dcm $D/mr1.dcm $D/us1.dcm $D/pdf1.dcm $D/rtplan1.dcm $D/ct2.dcm
    bg_stop; cap_stop
    truth --note "CT, MR, US, PDF, RT Plan and CT data sets from one gateway AE on one association" --server storescp --client storescu --port 11112 --log dcmtk:cli
}
rec_store_syntaxes() {
    cap_start store-syntaxes
    bg srv srv storescp "${T[@]}" -aet WARDPACS --ignore +xa 11112; wait_port srv 11112
    on cli cli storescu "${T[@]}" -R -xi -aet WARD_CT1 -aec WARDPACS 10.77.0.10 11112 $D/ct1-ile.dcm
    on cli cli storescu "${T[@]}" -R -xb -aet WARD_CT1 -aec WARDPACS 10.77.0.10 11112 $D/ct1-ebe.dcm
    on cli cli storescu "${T[@]}" -R -xd -aet WARD_CT1 -aec WARDPACS 10.77.0.10 11112 $D/ct1-deflated.dcm
    on cli cli storescu "${T[@]}" -R -xs -aet WARD_CT1 -aec WARDPACS 10.77.0.10 11112 $D/ct1-jpegll.dcm
    on cli cli storescu "${T[@]}" -R -xr -aet WARD_CT1 -aec WARDPACS 10.77.0.10 11112 $D/ct1-rle.dcm
    on cli cli storescu "${T[@]}" -R -xt -aet WARD_CT1 -aec WARDPACS 10.77.0.10 11112 $D/ct1-jpegls.dcm
    on cli cli storescu "${T[@]}" -R -xv -aet WARD_CT1 -aec WARDPACS 10.77.0.10 11112 $D/ct1-j2k.dcm
    on cli cli storescu "${T[@]}" -R -xy -aet WARD_US3 -aec WARDPACS 10.77.0.10 11112 $D/us1-jpeg.dcm
    bg_stop; cap_stop
    truth --note "The same CT in implicit LE, explicit BE, deflated, JPEG lossless, RLE, JPEG-LS, JPEG 2000; a US in JPEG baseline" --server "storescp +xa" --client storescu --port 11112 --log dcmtk:cli
}
rec_get() {
    qr_config 11112; qr_fill $D/ct[1-3].dcm
    cap_start get
    bg srv srv dcmqrscp "${T[@]}" -dhl -c $WORK/qr.cfg; wait_port srv 11112
    on cli cli getscu "${T[@]}" -S -aet WARD_WKS -aec WARDPACS --ignore -k QueryRetrieveLevel=STUDY -k StudyInstanceUID=$(uid_of StudyInstanceUID $D/ct1.dcm) 10.77.0.10 11112
    on cli cli2 $DPEER get 10.77.0.10 11112
    bg_stop; cap_stop
    truth --note "C-GET of a CT study of three images, C-STORE back on the same association (role selection); getscu, then pynetdicom" --server dcmqrscp --client "getscu, pynetdicom" --port 11112 --log dcmtk:cli --log jsonl:cli2
}
rec_worklist() {
    cap_start worklist
    bg srv srv wlmscpfs "${T[@]}" -s -dfr -dfp $D/wl 11112; wait_port srv 11112
    on cli cli findscu "${T[@]}" -W -aet WARD_CT1 -aec WARDMWL -k "(0040,0100)[0].Modality=CT" -k "(0040,0100)[0].ScheduledStationAETitle=WARD_CT1" -k "(0040,0100)[0].ScheduledProcedureStepStartDate=20240102" -k PatientName= -k PatientID= -k AccessionNumber= -k RequestedProcedureID= 10.77.0.10 11112
    on cli cli findscu "${T[@]}" -W -aet WARD_CT1 -aec WARDMWL -k "(0040,0100)[0].Modality=MR" -k "(0040,0100)[0].ScheduledStationAETitle=WARD_MR1" -k PatientName= -k PatientID= 10.77.0.10 11112
    on cli cli findscu "${T[@]}" -W -aet WARD_CT1 -aec NOSUCHMWL -k PatientName= 10.77.0.10 11112
    bg_stop; cap_stop
    truth --note "Modality worklist: two matches, no match, unknown worklist AE" --server wlmscpfs --client findscu --port 11112 --log dcmtk:cli
}
rec_mpps() {
    cap_start mpps
    bg srv srv $DPEER scp 11112; wait_port srv 11112
    on cli cli $DPEER mpps 10.77.0.10 11112
    bg_stop; cap_stop
    truth --note "MPPS N-CREATE, the same again (0111), N-SET COMPLETED, N-SET of an unknown instance (0112)" --server "pynetdicom" --client "pynetdicom" --port 11112 --log jsonl:cli
}
rec_commit() {
    cap_start commit
    bg srv srv $DPEER scp 11112 --nevent 10.77.0.21:11114; wait_port srv 11112
    on cli cli $DPEER commit 10.77.0.10 11112
    bg_stop; cap_stop
    truth --note "Storage commitment N-ACTION; N-EVENT-REPORT (event 2, one failure) on an association in the other direction, from the server to 10.77.0.21:11114" --server "pynetdicom" --client "pynetdicom" --port 11112 --port 11114 --log jsonl:srv
}
rec_commit_same() {
    cap_start commit-same
    bg srv srv $DPEER scp 11112 --same; wait_port srv 11112
    on cli cli $DPEER commitsame 10.77.0.10 11112
    bg_stop; cap_stop
    truth --note "Storage commitment with the N-EVENT-REPORT on the same association" --server "pynetdicom" --client "pynetdicom" --port 11112 --log jsonl:cli
}
rec_print() {
    cap_start print-session
    bg srv srv $DPEER scp 11112; wait_port srv 11112
    on cli cli $DPEER print 10.77.0.10 11112
    bg_stop; cap_stop
    truth --note "Basic film session: N-CREATE, N-SET, N-GET, N-ACTION, N-DELETE, N-DELETE again (0112)" --server "pynetdicom" --client "pynetdicom" --port 11112 --log jsonl:cli
}
rec_users() {
    cap_start user-identity
    bg srv srv $DPEER scp 11112 --user testuser:synthetic-passcode; wait_port srv 11112
    on cli cli $DPEER users 10.77.0.10 11112
    bg_stop; cap_stop
    truth --note "User identity: type 1, type 2 (right, wrong passcode: rejected), Kerberos, SAML, JWT blobs, type 2 without a response asked; each with one C-ECHO" --server "pynetdicom" --client "pynetdicom" --port 11112 --log jsonl:cli
}
rec_users_dcmtk() {
    printf 'SYNTHETIC-KERBEROS-TICKET' > $WORK/krb; printf '<saml2:Assertion>synthetic</saml2:Assertion>' > $WORK/saml; printf 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ0ZXN0In0.' > $WORK/jwt
    cap_start user-identity-dcmtk
    bg srv srv $DPEER scp 11112; wait_port srv 11112
    on cli cli storescu "${T[@]}" -R -aet WARD_SC4 -aec WARDPACS -usr testuser 10.77.0.10 11112 $D/sc1.dcm
    on cli cli storescu "${T[@]}" -R -aet WARD_SC4 -aec WARDPACS -usr testuser -pwd synthetic-passcode -rsp 10.77.0.10 11112 $D/sc1.dcm
    on cli cli storescu "${T[@]}" -R -aet WARD_SC4 -aec WARDPACS -kt $WORK/krb 10.77.0.10 11112 $D/sc1.dcm
    on cli cli storescu "${T[@]}" -R -aet WARD_SC4 -aec WARDPACS --saml $WORK/saml 10.77.0.10 11112 $D/sc1.dcm
    on cli cli storescu "${T[@]}" -R -aet WARD_SC4 -aec WARDPACS --jwt $WORK/jwt 10.77.0.10 11112 $D/sc1.dcm
    bg_stop; cap_stop
    truth --note "User identity types 1 to 5 as storescu sends them (facts from the pynetdicom side)" --server "pynetdicom" --client "storescu" --port 11112 --log jsonl:srv
}
rec_negotiate() {
    cap_start negotiate
    bg srv srv $DPEER scp 11112; wait_port srv 11112
    on cli cli $DPEER negotiate 10.77.0.10 11112
    bg_stop; cap_stop
    truth --note "Async operations window, role selection, SOP class extended and common extended negotiation, user identity, a private abstract syntax and a transfer syntax that are refused" --server "pynetdicom" --client "pynetdicom" --port 11112 --log jsonl:cli
}
rec_nocontext() {
    cap_start context-refused
    bg srv srv $DPEER scp 11112 --ct-only; wait_port srv 11112
    on cli cli $DPEER nocontext 10.77.0.10 11112
    bg_stop; cap_stop
    truth --note "No context accepted (the SCU aborts); then some accepted, some refused (3 abstract, 4 transfer)" --server "pynetdicom" --client "pynetdicom" --port 11112 --log jsonl:cli
}
rec_reject_calling() {
    cap_start reject-calling
    bg srv srv $DPEER scp 11112 --calling WARD_CT1 --need-called; wait_port srv 11112
    on cli cli $DPEER reject 10.77.0.10 11112
    bg_stop; cap_stop
    truth --note "Calling AE not recognised (reason 3) twice, called AE not recognised (7), one accepted" --server "pynetdicom" --client "pynetdicom" --port 11112 --log jsonl:cli
}
rec_reject_limit() {
    cap_start reject-limit
    bg srv srv $DPEER scp 11112 --max-assoc 2; wait_port srv 11112
    on cli cli $DPEER limit 10.77.0.10 11112
    bg_stop; cap_stop
    truth --note "Four associations at once, the SCP allows two: transient rejections (local limit)" --server "pynetdicom" --client "pynetdicom" --port 11112 --log jsonl:cli
}
rec_odd_ae() {
    qr_config 11112
    cap_start odd-ae
    bg srv srv dcmqrscp "${T[@]}" -dhl -c $WORK/qr.cfg; wait_port srv 11112
    on cli cli echoscu "${T[@]}" -aet "../../etc" -aec "WARDPACS" 10.77.0.10 11112
    on cli cli echoscu "${T[@]}" -aet "A" -aec "..\\..\\x" 10.77.0.10 11112
    on cli cli echoscu "${T[@]}" -aet "SIXTEEN_CHARS_AE" -aec "WARDPACS" 10.77.0.10 11112
    on cli cli echoscu "${T[@]}" -aet "lower case ae" -aec "WARD PACS" 10.77.0.10 11112
    bg_stop; cap_stop
    truth --note "Unusual AE titles: path traversal strings, one character, sixteen characters, lower case with spaces; all rejected" --server dcmqrscp --client echoscu --port 11112 --log dcmtk:cli
}
rec_cancel() {
    cap_start cancel
    bg srv srv $DPEER scp 11112 --delay 0.05; wait_port srv 11112
    on cli cli $DPEER cancel 10.77.0.10 11112
    on cli cli2 findscu "${T[@]}" -S -aet WARD_WKS -aec WARDPACS --cancel 3 -k QueryRetrieveLevel=STUDY -k PatientName= 10.77.0.10 11112
    bg_stop; cap_stop
    truth --note "C-FIND cancelled by C-CANCEL after some responses (FE00): pynetdicom, then findscu --cancel" --server "pynetdicom" --client "pynetdicom, findscu" --port 11112 --log jsonl:srv
}
rec_store_status() {
    cap_start store-status
    bg srv srv $DPEER scp 11112 --status 0000 --status A700 --status B000 --status 0122 --status 0124 --status C000 --status A900; wait_port srv 11112
    on cli cli $DPEER store 10.77.0.10 11112 $D/sc1.dcm $D/sc1.dcm $D/sc1.dcm $D/sc1.dcm $D/sc1.dcm $D/sc1.dcm $D/sc1.dcm
    bg_stop; cap_stop
    truth --note "Seven C-STOREs of one instance answered 0000 A700 B000 0122 0124 C000 A900" --server "pynetdicom" --client "pynetdicom" --port 11112 --log jsonl:cli
}
rec_pdu4096() {
    cap_start pdu-4096
    bg srv srv storescp "${T[@]}" -aet WARDPACS --ignore -pdu 4096 11112; wait_port srv 11112
    on cli cli storescu "${T[@]}" -R -pdu 4096 -aet WARD_CT1 -aec WARDPACS 10.77.0.10 11112 $D/ct-big.dcm $D/ct1.dcm
    bg_stop; cap_stop
    truth --note "Maximum PDU 4096 on both sides: a CT of 128 KiB in many PDUs" --server storescp --client storescu --port 11112 --log dcmtk:cli
}
rec_pdu0() {
    cap_start pdu-unlimited
    bg srv srv $DPEER scp 11112 --pdu 0; wait_port srv 11112
    on cli cli $DPEER store0 10.77.0.10 11112 $D/ct-big.dcm $D/ct1.dcm
    on cli cli2 storescu "${T[@]}" -R -pdu 131072 -aet WARD_CT1 -aec WARDPACS 10.77.0.10 11112 $D/ct-big.dcm
    bg_stop; cap_stop
    truth --note "Maximum PDU unlimited (0) on both sides (pynetdicom); then storescu with 131072" --server "pynetdicom" --client "pynetdicom, storescu" --port 11112 --log jsonl:srv
}
rec_packed() {
    cap_start pdv-packed
    bg srv srv storescp "${T[@]}" -aet WARDPACS --ignore 11112; wait_port srv 11112
    on cli cli $DPEER packed 10.77.0.10 11112 $D/sc1.dcm $D/us1.dcm $D/ct1.dcm $D/ct-big.dcm
    bg_stop; cap_stop
    truth --note "Command and data PDVs in one P-DATA-TF PDU (pynetdicom, whose primitives are merged before its own encoder writes them); the last data set does not fit and takes more PDUs" --server storescp --client "pynetdicom" --port 11112 --log jsonl:cli
}
rec_ipv6() {
    cap_start ipv6 "tcp or icmp6"
    bg srv srv $DPEER scp 11112 --bind ::; wait_port srv 11112
    on cli cli $DPEER v6 fd77::10 11112 $D/ct1.dcm $D/us1.dcm
    bg_stop; cap_stop
    truth --note "IPv6: C-ECHO; C-STORE of CT and US" --server "pynetdicom" --client "pynetdicom" --port 11112 --ipv6 --log jsonl:cli
}
rec_port5104() {
    cap_start port-5104
    bg srv srv storescp "${T[@]}" -aet WARDPACS --ignore 5104; wait_port srv 5104
    on cli cli echoscu "${T[@]}" -aet WARD_CT1 -aec WARDPACS 10.77.0.10 5104
    on cli cli storescu "${T[@]}" -R -aet WARD_CT1 -aec WARDPACS 10.77.0.10 5104 $D/ct1.dcm
    bg_stop; cap_stop
    truth --note "Port 5104: C-ECHO and C-STORE" --server storescp --client "echoscu, storescu" --port 5104 --log dcmtk:cli
}
rec_port104() {
    cap_start port-104
    bg srv srv storescp "${T[@]}" -aet WARDPACS --ignore 104; wait_port srv 104
    on cli cli storescu "${T[@]}" -R -aet WARD_US3 -aec WARDPACS 10.77.0.10 104 $D/us1.dcm
    bg_stop; cap_stop
    truth --note "Port 104: C-STORE of US" --server storescp --client storescu --port 104 --log dcmtk:cli
}
rec_long() {
    cap_start long-pauses
    bg srv srv storescp "${T[@]}" -aet WARDPACS --ignore 11112; wait_port srv 11112
    on cli cli $DPEER long 10.77.0.10 11112 $D/sc1.dcm
    bg_stop; cap_stop
    truth --note "One association of 16 s: C-ECHO and C-STORE with pauses of 1, 4, 7, 3 s" --server storescp --client "pynetdicom" --port 11112 --log jsonl:cli
}
rec_abort() {
    cap_start abort
    bg srv srv storescp "${T[@]}" -aet WARDPACS --ignore 11112; wait_port srv 11112
    bg srv srv2 storescp "${T[@]}" -aet WARDPACS --ignore --abort-during 11113; wait_port srv 11113
    on cli cli $DPEER abort 10.77.0.10 11112 $D/ct1.dcm $D/ct-big.dcm
    on cli cli2 storescu "${T[@]}" -R -aet WARD_CT1 -aec WARDPACS 10.77.0.10 11113 $D/ct-big.dcm
    on cli cli2 storescu "${T[@]}" -R --abort -aet WARD_CT1 -aec WARDPACS 10.77.0.10 11112 $D/ct1.dcm
    bg_stop; cap_stop
    truth --note "A-ABORT: by the SCU in the middle of the second data set; by the SCP during a C-STORE (storescp --abort-during, port 11113); by the SCU instead of a release (storescu --abort)" --server storescp --client "pynetdicom, storescu" --port 11112 --port 11113 --log jsonl:cli --log dcmtk:cli2
}
rec_killed() {
    cap_start killed
    bg srv srv storescp "${T[@]}" -aet WARDPACS --ignore 11112; wait_port srv 11112
    rate cli 400
    bg cli cli storescu "${T[@]}" -R -aet WARD_CT1 -aec WARDPACS 10.77.0.10 11112 $D/ct1.dcm $D/ct-big.dcm $D/ct-big.dcm $D/ct-big.dcm
    sleep 2.2; kill -9 $BG; sleep 3; rate cli off
    bg_stop; cap_stop
    truth --note "storescu killed (SIGKILL) during the second C-STORE, on a slow line: the kernel sends what was written, then FIN, without release or abort; RST to the answer that comes after; facts from the storescu log up to its end, so the second response is not in it" --server storescp --client storescu --port 11112 --log dcmtk:cli
}
rec_reset() {
    cap_start reset
    bg srv srv storescp "${T[@]}" -aet WARDPACS --ignore 11112; wait_port srv 11112
    on cli cli $DPEER reset 10.77.0.10 11112 $D/ct1.dcm $D/ct-big.dcm
    bg_stop; cap_stop
    truth --note "TCP RST by the client in the middle of the second C-STORE" --server storescp --client "pynetdicom" --port 11112 --log jsonl:cli
}
rec_fin() {
    cap_start fin
    bg srv srv storescp "${T[@]}" -aet WARDPACS --ignore 11112; wait_port srv 11112
    on cli cli $DPEER fin 10.77.0.10 11112 $D/ct1.dcm $D/ct-big.dcm
    bg_stop; cap_stop
    truth --note "TCP FIN by the client in the middle of the second C-STORE, no release and no abort" --server storescp --client "pynetdicom" --port 11112 --log jsonl:cli
}
rec_elf() {
    cap_start store-elf-in-pdf
    bg srv srv storescp "${T[@]}" -aet WARDPACS --ignore 11112; wait_port srv 11112
    on cli cli storescu "${T[@]}" -R -aet WARD_CT1 -aec WARDPACS 10.77.0.10 11112 $D/ct1.dcm $D/pdf-elf.dcm
    bg_stop; cap_stop
    truth --note "An encapsulated PDF object from a CT whose document begins with an ELF header" --server storescp --client storescu --port 11112 --log dcmtk:cli
}
orthanc_config() {
    rm -rf $WORK/orthanc; mkdir -p $WORK/orthanc/db
    cat > $WORK/orthanc/o.json <<CFG
{ "Name": "WARDTAP TEST", "StorageDirectory": "$WORK/orthanc/db", "IndexDirectory": "$WORK/orthanc/db", "Plugins": [],
  "HttpPort": 8042, "RemoteAccessAllowed": false, "AuthenticationEnabled": false, "DicomAet": "ORTHANC", "DicomPort": 4242,
  "DicomCheckCalledAet": true, "DicomAlwaysAllowFind": true, "DicomAlwaysAllowMove": true, "DicomModalities": {
    "store": { "AET": "WARD_STORE", "Host": "10.77.0.30", "Port": 11113, "AllowEcho": true, "AllowMove": true, "AllowFind": true },
    "wks": { "AET": "WARD_WKS", "Host": "10.77.0.21", "Port": 11112 } } }
CFG
}
rec_orthanc() {
    orthanc_config
    cap_start orthanc
    bg srv srv Orthanc --verbose $WORK/orthanc/o.json; wait_port srv 4242; sleep 1
    bg thr thr storescp "${T[@]}" -aet WARD_STORE --ignore 11113; wait_port thr 11113
    on cli cli echoscu "${T[@]}" -aet WARD_CT1 -aec ORTHANC 10.77.0.10 4242
    on cli cli storescu "${T[@]}" -R -aet WARD_CT1 -aec ORTHANC 10.77.0.10 4242 $D/ct1.dcm $D/ct2.dcm
    on cli cli storescu "${T[@]}" -R -aet WARD_US3 -aec ORTHANC 10.77.0.10 4242 $D/us1.dcm
    on cli cli findscu "${T[@]}" -S -aet WARD_WKS -aec ORTHANC -k QueryRetrieveLevel=STUDY -k PatientID= -k PatientName= -k StudyInstanceUID= 10.77.0.10 4242
    on cli cli movescu "${T[@]}" -S -aet WARD_WKS -aec ORTHANC -aem WARD_STORE -k QueryRetrieveLevel=STUDY -k StudyInstanceUID=$(uid_of StudyInstanceUID $D/ct1.dcm) 10.77.0.10 4242
    on cli cli movescu "${T[@]}" -S -aet WARD_WKS -aec ORTHANC -aem ROGUE_AE -k QueryRetrieveLevel=STUDY -k StudyInstanceUID=$(uid_of StudyInstanceUID $D/ct1.dcm) 10.77.0.10 4242
    on cli cli echoscu "${T[@]}" -aet WARD_CT1 -aec WRONGPACS 10.77.0.10 4242
    on srv rest curl -s -X POST http://127.0.0.1:8042/modalities/store/echo -d "{}"
    bg_stop; cap_stop
    truth --note "Orthanc as SCP (echo, store, find, move, unknown called AE) and as SCU (C-STORE sub-association and a C-ECHO from its REST interface to storescp on a third host)" --server "Orthanc (port 4242)" --client "echoscu, storescu, findscu, movescu" --third storescp --port 4242 --port 11113 --log dcmtk:cli --log dcmtk:thr:server
}
rec_orthanc_scu() {
    orthanc_config
    cap_start orthanc-scu
    bg thr thr storescp "${T[@]}" -aet WARD_STORE --ignore 11113; wait_port thr 11113
    bg srv srv Orthanc --verbose $WORK/orthanc/o.json; wait_port srv 8042; sleep 1
    for f in ct1 mr1 us1; do on srv rest curl -s -X POST http://127.0.0.1:8042/instances --data-binary @$D/$f.dcm; done
    for i in $(ip netns exec "$LAB-srv" curl -s http://127.0.0.1:8042/instances 2>/dev/null | tr -d '[]", \n\r' | fold -w 44); do
        on srv rest curl -s -X POST http://127.0.0.1:8042/modalities/store/store -d $i
    done
    bg_stop; cap_stop
    truth --note "Orthanc as SCU: three C-STOREs, from its REST interface, to storescp (facts from the storescp side)" --server "storescp (10.77.0.30)" --client "Orthanc (10.77.0.10)" --port 11113 --log dcmtk:thr:server
}
rec_gdcm() {
    qr_config 11112; qr_fill $D/ct[1-2].dcm
    cap_start gdcm
    bg srv srv dcmqrscp "${T[@]}" -dhl -c $WORK/qr.cfg; wait_port srv 11112
    on cli cli gdcmscu --echo --aetitle WARD_WKS --call WARDPACS 10.77.0.10 11112
    on cli cli gdcmscu --store --aetitle WARD_CT1 --call WARDPACS -i $D/ct3.dcm 10.77.0.10 11112
    on cli cli gdcmscu --find --studyroot --study --aetitle WARD_WKS --call WARDPACS --key 10,20= --key 10,10= 10.77.0.10 11112
    bg_stop; cap_stop
    truth --note "gdcmscu: C-ECHO, C-STORE, C-FIND (facts from the dcmqrscp side)" --server dcmqrscp --client gdcmscu --port 11112 --log dcmtk:srv:server
}
rec_dcmjs() {
    js
    cap_start dcmjs-scu
    bg srv srv storescp "${T[@]}" -aet WARDPACS --ignore 11112; wait_port srv 11112
    bg srv srv2 $DPEER scp 11113; wait_port srv 11113
    on cli cli $JS echo 10.77.0.10 11112
    on cli cli $JS store 10.77.0.10 11112 $D/ct1.dcm $D/us1.dcm
    on cli cli $JS find 10.77.0.10 11113
    on cli cli $JS user 10.77.0.10 11113
    bg_stop; cap_stop
    truth --note "dcmjs-dimse as SCU: C-ECHO, C-STORE (CT, US) to storescp; C-FIND, and C-ECHO with user identity and async operations, to pynetdicom (11113)" --server "storescp, pynetdicom" --client "dcmjs-dimse" --port 11112 --port 11113 --log jsonl:cli
}
rec_dcmjs_scp() {
    js
    cap_start dcmjs-scp
    bg srv srv $JS scp 11112; wait_port srv 11112
    on cli cli echoscu "${T[@]}" -aet WARD_CT1 -aec WARDPACS 10.77.0.10 11112
    on cli cli storescu "${T[@]}" -R -aet WARD_CT1 -aec WARDPACS 10.77.0.10 11112 $D/ct1.dcm
    on cli cli findscu "${T[@]}" -S -aet WARD_WKS -aec WARDPACS -k QueryRetrieveLevel=STUDY -k PatientID= -k PatientName= 10.77.0.10 11112
    on cli cli2 $JS all 10.77.0.10 11112 $D/mr1.dcm
    bg_stop; cap_stop
    truth --note "dcmjs-dimse as SCP: C-ECHO, C-STORE, C-FIND by dcmtk; and by dcmjs-dimse (all on one association)" --server "dcmjs-dimse" --client "echoscu, storescu, findscu, dcmjs-dimse" --port 11112 --log dcmtk:cli --log jsonl:cli2
}
rec_rogue_move() {              # the exfiltration pattern: enumerate, then pull to oneself
    qr_config 11112; qr_fill $D/ct[1-5].dcm $D/mr1.dcm $D/us1.dcm $D/cr1.dcm
    cap_start enumerate-and-move
    bg srv srv dcmqrscp "${T[@]}" -dhl -c $WORK/qr.cfg; wait_port srv 11112
    on thr cli findscu "${T[@]}" -P -aet WARD_STORE -aec WARDPACS -k QueryRetrieveLevel=PATIENT -k "PatientName=*" -k PatientID= 10.77.0.10 11112
    on thr cli findscu "${T[@]}" -S -aet WARD_STORE -aec WARDPACS -k QueryRetrieveLevel=STUDY -k StudyDate=19000101-20991231 -k StudyInstanceUID= -k PatientID= 10.77.0.10 11112
    for f in ct1 mr1 us1 cr1; do
        on thr cli movescu "${T[@]}" +P 11113 --ignore -S -aet WARD_STORE -aec WARDPACS -aem WARD_STORE -k QueryRetrieveLevel=STUDY -k StudyInstanceUID=$(uid_of StudyInstanceUID $D/$f.dcm) 10.77.0.10 11112
    done
    bg_stop; cap_stop
    truth --note "A host lists all patients and all studies, then moves four studies to itself (movescu +P: the same program receives the sub-associations)" --server dcmqrscp --client "findscu, movescu (10.77.0.30)" --port 11112 --port 11113 --log dcmtk:cli
}

VAR="$PY $COMMON/variants.py $OUT"
rec_variants() {        # from the recorded files, no network
    $VAR store-ct store-ct.client-only client-only
    $VAR store-ct store-ct.server-only server-only
    $VAR find-move find-move.client-only client-only
    $VAR find-move find-move.server-only server-only
    $VAR store-ct store-ct.no-handshake no-handshake
    $VAR store-ct store-ct.midstream midstream --byte 4
    $VAR find-move find-move.midstream midstream --byte 4
    $VAR store-ct store-ct.gap gap --at 0.5 --drop 2
    $VAR pdu-4096 pdu-4096.gap gap --at 0.5 --drop 3
    $VAR store-ct store-ct.reordered reordered
    $VAR pdu-4096 pdu-4096.reordered reordered --every 7
    $VAR store-ct store-ct.duplicated duplicated
    $VAR find-move find-move.vlan vlan
    $VAR store-ct store-ct.snaplen snaplen --snap 128
}

FIRST="echo store_ct find_move reject"
ALL="$FIRST store_modalities store_mixed store_syntaxes get worklist mpps commit commit_same print users users_dcmtk
negotiate nocontext reject_calling reject_limit odd_ae cancel store_status pdu4096 pdu0 packed ipv6 port5104 port104 long abort
killed reset fin elf orthanc orthanc_scu gdcm dcmjs dcmjs_scp rogue_move variants"
lab_up
for r in ${@:-$ALL}; do rec_${r//-/_}; done
lab_down
$PY "$COMMON/mkreadme.py" "$OUT"
