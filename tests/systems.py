"""Operating systems from how connections are opened (os.tsv, attribute tcp_syn), scored on
hosts whose system is known otherwise: a wrong word is a failure, silence is counted.
Usage: systems.py PROGRAM CAPTURES"""
import json
import os
import subprocess
import sys
import tempfile

PROGRAM, CAPTURES = sys.argv[1:3]
HERE = os.path.dirname(os.path.abspath(__file__))
# What our own recordings in pcaps/ come from.
OWN = ['pcaps/smb', 'pcaps/ssh', 'pcaps/mqtt', 'pcaps/tls', 'pcaps/http']
LEAST_RIGHT = 40
passed = failed = 0


def check(name, is_good, more=''):
    global passed, failed
    if is_good:
        passed += 1
    else:
        failed += 1
        print('FAILED: %s %s' % (name, more))


def systems(room, capture, tables):
    """System of each address, by the tables in that folder (None: those compiled in)."""
    out = os.path.join(room, 'out')
    more = ['--set', 'inventory.tables=' + tables] if tables else []
    subprocess.run([PROGRAM, 'replay', '-o', out, '--set', 'hint.enabled=false', *more, capture],
                   check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(os.path.join(out, 'inventory.json'), encoding='utf-8') as file:
        devices = json.load(file)['devices']
    return {one['value']: device.get('os', {}).get('value')
            for device in devices for one in device['attributes'].get('ip', [])}


def only_syn_rows(folder):
    os.mkdir(folder)
    with open(os.path.join(HERE, '../rules/inventory/os.tsv'), encoding='utf-8') as table, \
            open(os.path.join(folder, 'os.tsv'), 'w', encoding='utf-8') as out:
        for line in table:
            cells = line.split('\t')
            if line.startswith(('#', 'wardtap-table', 'system\t')) or cells[2] == 'tcp_syn':
                out.write(line)
    return folder


def main():
    rows = []
    with open(os.path.join(HERE, 'systems.tsv'), encoding='utf-8') as file:
        for line in file:
            if not line.startswith('#'):
                rows.append(line.rstrip('\n').split('\t'))
    right = silent = 0
    with tempfile.TemporaryDirectory() as room:
        tables = only_syn_rows(os.path.join(room, 'tables'))
        if os.path.isdir(CAPTURES):
            by_syn = {}
            for name, address, wanted, why in rows:
                path = os.path.join(CAPTURES, name)
                if name not in by_syn:
                    by_syn[name] = systems(room, path, tables)
                found = by_syn[name].get(address)
                right += found in wanted.split('|')
                silent += found is None
                check('%s: %s' % (name, address), found is None or found in wanted.split('|'),
                      'opens connections as %s, but %s: %s' % (found, why, wanted))
            check('enough are recognised', right >= LEAST_RIGHT, right)
            stated = systems(room, os.path.join(CAPTURES, rows[0][0]), None).get(rows[0][1])
            check('a statement is not overridden', stated == 'Windows 8.1 or Server 2012 R2',
                  stated)
            print('(%d hosts: %d right, %d silent)' % (len(rows), right, silent))
        else:
            print('SKIPPED: %s is absent' % CAPTURES)
        found = {}
        for folder in OWN:
            found.update(systems(room, os.path.join(HERE, '..', folder), tables))
        check('our own recordings are of Linux', set(found.values()) <= {None, 'Linux'} and
              'Linux' in found.values(), found)
    print('%d passed, %d failed' % (passed, failed))
    sys.exit(failed != 0)


main()
