"""A capture whose devices name themselves as badly as they can: HL7 over MLLP, one
connection per device, each name in every field that the inventory takes. Hand-made: no
real program does this."""
import struct

NAMES = [
    '=HYPERLINK("http://x","y")', '+1+1', '-2+3', '@SUM(A1)', "='|cmd /c calc'!A0",
    '\x1b[2J\x1b[31mred', '\x07\x08\x7f', 'two\u2028lines\u2029', '\u202egnirts', 'a"b\'c,d;e',
    '\xff\xfe', 'W' * 300, '\u5bb6' * 60, 'e\u0301' * 40, '</script><b>', '${jndi:ldap://x}',
    '%s%n%s', "'; DROP TABLE node; --", 'NUL', '   ', '\t=1', '\\x41',
]


def checksum(data):
    if len(data) % 2:
        data += b'\0'
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def packet(source, target, sport, dport, seq, ack, flags, payload):
    tcp = struct.pack('!HHIIBBHHH', sport, dport, seq, ack, 5 << 4, flags, 65535, 0, 0) + payload
    pseudo = bytes(source) + bytes(target) + struct.pack('!BBH', 0, 6, len(tcp))
    tcp = tcp[:16] + struct.pack('!H', checksum(pseudo + tcp)) + tcp[18:]
    ip = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 20 + len(tcp), 1, 0x4000, 64, 6, 0, bytes(source),
                     bytes(target))
    ip = ip[:10] + struct.pack('!H', checksum(ip)) + ip[12:]
    macs = bytes([2, 0, 0, 0, 0, target[3], 2, 0, 0, 0, 0, source[3]])
    return macs + b'\x08\x00' + ip + tcp


def message(name, number):
    raw = name.encode('latin-1', 'replace') if '\xff' in name else name.encode()
    raw = raw.replace(b'|', b'!').replace(b'\r', b'')
    return b'\x0b' + b'\r'.join([
        b'MSH|^~\\&|' + raw + b'|' + raw + b'|GW|WTH|20261121||ORU^R01^ORU_R01|%d|P|2.6|||AL|AL'
        b'||UNICODE UTF-8|||IHE_PCD_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO' % number,
        b'SFT|' + raw + b'|1.0|' + raw + b'|bin',
        b'OBR|1|1|1|x|||20261121',
        b'OBX|1|ST|531969^MDC_ATTR_ID_MODEL^MDC|1.0.0.1|' + raw + b'||||||R|||||||' + raw +
        b'^^' + b'%016X' % (0x0257540000000000 + number) + b'^EUI-64'
    ]) + b'\r\x1c\r'


def write(path, names=tuple(NAMES), server=(10, 77, 0, 10)):
    with open(path, 'wb') as file:
        file.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
        second = 1790000000
        for number, name in enumerate(names):
            client, port = (10, 77, 0, 20 + number), 40000 + number
            data = message(name, number)
            sends = [(client, server, port, 2575, 1, 0, 2, b''),
                     (server, client, 2575, port, 1, 2, 18, b''),
                     (client, server, port, 2575, 2, 2, 24, data),
                     (server, client, 2575, port, 2, 2 + len(data), 16, b''),
                     (client, server, port, 2575, 2 + len(data), 2, 17, b''),
                     (server, client, 2575, port, 2, 3 + len(data), 17, b'')]
            for send in sends:
                frame = packet(*send)
                second += 1
                file.write(struct.pack('<IIII', second, 0, len(frame), len(frame)) + frame)


if __name__ == '__main__':
    import sys
    write(sys.argv[1])
