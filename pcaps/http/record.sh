#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Records the HTTP captures of this folder from real programs: ./record.sh [name...]
# Needs root, Debian 12 and:
#   apt-get install tcpdump ethtool iproute2 curl nginx-light lighttpd lighttpd-mod-webdav \
#       tinyproxy orthanc orthanc-dicomweb python3-venv
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
LAB=${LAB:-wtweb$$}
. "$HERE/../common/netlab.sh"

VENV=$REC/venv-web
[ -x "$VENV/bin/python3" ] || {
    /usr/bin/python3 -m venv "$VENV" &&
        "$VENV/bin/pip" install -q dicomweb-client==0.61.2 pydicom==3.0.2 numpy websockets==17.4 \
            sdc11073==3.0.0 || exit 1
}
PY=$VENV/bin/python3
PEER="$PY $HERE/http_peer.py"
SRV=10.77.0.10
R=$WORK/root
rm -rf "$R" "$WORK/dav"; mkdir -p "$R/files" "$WORK/dav"
echo '<html><title>ward</title><body>hello</body></html>' >"$R/index.html"
head -c 9000 /dev/zero | tr '\0' 'x' >"$R/files/big.txt"
cp /bin/true "$R/files/tool.exe"; truncate -s 20000 "$R/files/tool.exe"
$PEER files "$R/files" || exit 1
printf 'nurse:%s\n' "$(openssl passwd -apr1 ward7pass)" >"$WORK/htpasswd"
chmod -R a+rX "$WORK"; chmod 777 "$WORK/dav"

cat >"$WORK/nginx.conf" <<EOF
daemon off; worker_processes 1; pid $WORK/nginx.pid; error_log $WORK/nginx.err;
events { }
http {
    access_log off; types { text/html html; text/plain txt; application/dicom dcm; }
    default_type application/octet-stream;
    server {
        listen 80; root $R;
        location /private { auth_basic "Pump gateway 4.2"; auth_basic_user_file $WORK/htpasswd; try_files /index.html =404; }
        location /old { return 301 /index.html; }
        location /post { return 204; }
    }
    server { listen 8080 http2; root $R; }
}
EOF
cat >"$WORK/lighttpd.conf" <<EOF
server.document-root = "$R"
server.port = 8081
server.modules = ("mod_alias", "mod_webdav", "mod_status", "mod_dirlisting", "mod_access")
\$HTTP["url"] =~ "^/dav" { webdav.activate = "enable" }
alias.url = ("/dav" => "$WORK/dav")
server.stream-response-body = 1
status.status-url = "/status"
dir-listing.activate = "enable"
EOF
cat >"$WORK/orthanc.json" <<EOF
{ "Name": "WARD-PACS", "StorageDirectory": "$WORK/orthanc", "IndexDirectory": "$WORK/orthanc",
  "RemoteAccessAllowed": true, "AuthenticationEnabled": false, "HttpPort": 8042,
  "DicomPort": 4242, "Plugins": ["/usr/share/orthanc/plugins/libOrthancDicomWeb.so"],
  "DicomWeb": { "Enable": true, "Root": "/dicom-web/" } }
EOF
cat >"$WORK/tinyproxy.conf" <<EOF
Port 3128
Listen $SRV
Timeout 30
MaxClients 5
ViaProxyName "ward-proxy"
DisableViaHeader No
ConnectPort 8081
ConnectPort 80
EOF

CURL="curl -sS -m 10"

rec_nginx() { # pages, codes, Basic credentials, HEAD, range, cookies, conditional
    cap_start nginx "tcp port 80"
    bg srv nginx nginx -c "$WORK/nginx.conf"; wait_port srv 80
    on cli curl $CURL "http://$SRV/" "http://$SRV/files/big.txt" "http://$SRV/nothing?patient=DOE%5EJANE"
    on cli head curl -sS -m 10 -I "http://$SRV/files/big.txt"
    on cli auth $CURL "http://$SRV/private"
    on cli auth $CURL -u nurse:ward7pass -H 'Cookie: session=5f2c' -e "http://$SRV/login" "http://$SRV/private"
    on cli cond $CURL -H 'If-Modified-Since: Fri, 01 Jan 2038 00:00:00 GMT' "http://$SRV/index.html"
    on cli cond $CURL -r 10-19 "http://$SRV/files/big.txt"
    on cli old $CURL -0 "http://$SRV/old" -A 'InfusionPump/3.1 (Alaris-like; firmware 9.33)'
    on cli post $CURL -d 'user=x&note=y' "http://$SRV/post"
    bg_stop; cap_stop
}
rec_files() { # kinds of files; an executable and a DICOM file whose preamble is one
    cap_start files "tcp port 80"
    bg srv nginx nginx -c "$WORK/nginx.conf"; wait_port srv 80
    on cli curl $CURL "http://$SRV/files/tool.exe" "http://$SRV/files/scan.dcm" "http://$SRV/files/evil.dcm" "http://$SRV/files/a.zip"
    on cli put $CURL -F "report=@$R/files/scan.dcm;filename=DOE_JANE.dcm" "http://$SRV/post"
    bg_stop; cap_stop
}
rec_lighttpd() { # another server: chunked listing, WebDAV, 100-continue, HTTP/1.0
    cap_start lighttpd "tcp port 8081"
    bg srv lighttpd lighttpd -D -f "$WORK/lighttpd.conf"; wait_port srv 8081
    on cli curl $CURL "http://$SRV:8081/files/" "http://$SRV:8081/status"
    on cli dav $CURL -T "$R/files/big.txt" -H 'Expect: 100-continue' "http://$SRV:8081/dav/note.txt"
    on cli dav $CURL -X PROPFIND -H 'Depth: 1' "http://$SRV:8081/dav/"
    on cli dav $CURL -X MKCOL "http://$SRV:8081/dav/new"
    on cli dav $CURL -X MOVE -H "Destination: http://$SRV:8081/dav/b.txt" "http://$SRV:8081/dav/note.txt"
    on cli chunk sh -c "head -c 9000 $R/files/big.txt | curl -sS -m 10 -o /dev/null -T - http://$SRV:8081/dav/c.txt"
    bg_stop; cap_stop
}
rec_python() { # Python's server: answers that end with the connection
    cap_start python "tcp port 8000"
    bg srv http $PY -m http.server -d "$R" 8000; wait_port srv 8000
    on cli curl $CURL "http://$SRV:8000/files/" "http://$SRV:8000/index.html" "http://$SRV:8000/none"
    bg_stop; cap_stop
}
rec_odd() { # what clients may send: pipelining, folding, bare LF, long headers (hand-made)
    cap_start odd "tcp port 80"
    bg srv nginx nginx -c "$WORK/nginx.conf"; wait_port srv 80
    on cli odd $PEER odd $SRV 80
    bg_stop; cap_stop
}
rec_proxy() { # CONNECT, and absolute targets
    cap_start proxy "tcp port 3128"
    bg srv nginx nginx -c "$WORK/nginx.conf"; wait_port srv 80
    bg srv proxy tinyproxy -d -c "$WORK/tinyproxy.conf"; wait_port srv 3128
    on cli curl $CURL -x "http://user7:secret7@$SRV:3128" "http://$SRV/index.html"
    on cli curl $CURL -p -x "http://$SRV:3128" "http://$SRV/index.html"
    bg_stop; cap_stop
}
rec_upgrade() { # WebSocket; HTTP/2 in clear, at once and by upgrade
    cap_start upgrade "tcp port 8765 or tcp port 8080"
    bg srv nginx nginx -c "$WORK/nginx.conf"; wait_port srv 8080
    bg srv ws $PEER websocket-server 8765; wait_port srv 8765
    on cli ws $PEER websocket "ws://$SRV:8765/monitor"
    on cli h2 $CURL --http2-prior-knowledge "http://$SRV:8080/"
    bg_stop; cap_stop
}
rec_dicomweb() { # Orthanc: STOW, QIDO, WADO
    cap_start dicomweb "tcp port 8042"
    rm -rf "$WORK/orthanc"; mkdir -p "$WORK/orthanc"
    bg srv orthanc Orthanc "$WORK/orthanc.json"; wait_port srv 8042; sleep 1
    on cli dw $PEER dicomweb "http://$SRV:8042/dicom-web" "$R/files/scan.dcm"
    on cli curl $CURL "http://$SRV:8042/system"
    bg_stop; cap_stop
}
rec_fhir() { # a FHIR server's answers (hand-made bodies behind Python's server)
    cap_start fhir "tcp port 8090"
    bg srv fhir $PEER fhir-server 8090; wait_port srv 8090
    on cli fhir $CURL -H 'Accept: application/fhir+json' "http://$SRV:8090/fhir/metadata" "http://$SRV:8090/fhir/Device/pump7" "http://$SRV:8090/fhir/Patient?family=Doe"
    on cli fhir $CURL -H 'Authorization: Bearer eyJhbGciOi.e30.x' -H 'Content-Type: application/fhir+json' -d '{"resourceType":"Observation"}' "http://$SRV:8090/fhir/Observation"
    on cli soap $CURL -H 'Content-Type: application/soap+xml; charset=UTF-8; action="urn:ihe:pcd:2010:CommunicatePCDData"' -d '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"/>' "http://$SRV:8090/pcd"
    on cli upnp $CURL "http://$SRV:8090/rootDesc.xml"
    on cli onvif $CURL -H 'SOAPAction: "http://www.onvif.org/ver10/device/wsdl/GetDeviceInformation"' -H 'Content-Type: text/xml' -d '<x/>' "http://$SRV:8090/onvif/device_service"
    bg_stop; cap_stop
}
rec_sdc() { # IEEE 11073 SDC without TLS: the device's description and a subscription
    cap_start sdc tcp
    bg srv sdc $PEER sdc-provider $SRV; sleep 4
    on cli sdcc $PEER sdc-consumer 10.77.0.21
    bg_stop; cap_stop
    # what follows is mostly WSDL files of 100 KB
    tcpdump -r "$OUT/sdc.pcap" -c 60 -w "$WORK/sdc.head" 2>/dev/null && mv "$WORK/sdc.head" "$OUT/sdc.pcap"
}
[ $# -gt 0 ] || set -- nginx files lighttpd python odd proxy upgrade dicomweb fhir sdc
lab_up
for n in "$@"; do "rec_$n"; done
