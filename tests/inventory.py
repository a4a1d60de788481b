"""Checks of `wardtap inventory` by other people's readers: python's csv and json, the
schema validator of cyclonedx-python-lib where it is installed, sqlite3.

A device list with hostile names is made by tests/inventory_hostile.py as a capture of
HL7 messages (MLLP), whose fields hold terminal escapes, formulas, quotes and line ends.
"""
import csv
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import unicodedata

import inventory_hostile

BIN, ROOM, CONF = sys.argv[1:4]
CAPTURES = ['pcaps/hl7', 'pcaps/dicom']
# Splunk Enterprise Security, "Asset lookup header".
SPLUNK = ('ip,mac,nt_host,dns,owner,priority,lat,long,city,country,bunit,category,pci_domain,'
          'is_expected,should_timesync,should_update,requires_av')
# NetBox, fields of the import form for devices (3.6 and later).
NETBOX = {'name', 'role', 'tenant', 'manufacturer', 'device_type', 'platform', 'serial',
          'asset_tag', 'status', 'site', 'location', 'rack', 'position', 'face', 'description',
          'comments', 'tags'}
passed, failed = 0, 0


def check(name, is_good, more=''):
    global passed, failed
    if is_good:
        passed += 1
    else:
        failed += 1
        print('FAILED: %s %s' % (name, more))


def run(*args, code=0):
    done = subprocess.run([BIN, *args], capture_output=True, timeout=300)
    if done.returncode != code:
        check(' '.join(args), False, 'exit %d: %s' % (
            done.returncode, done.stderr.decode(errors='replace')[:500]))
    return done.stdout.decode(), done.stderr.decode()


def replay(name, *captures, more=()):
    folder = os.path.join(ROOM, name)
    run('replay', '-c', CONF, '-o', folder, *more, *captures)
    return folder


def export(folder, form, *more):
    return run('inventory', 'export', '-s', folder, '--format', form, *more)[0]


def rows(text):
    return list(csv.DictReader(io.StringIO(text, newline=''), strict=True))


def is_safe(text):
    """No byte that moves a cursor, nothing that a spreadsheet computes."""
    return not re.search('[\x00-\x09\x0b-\x1f\x7f\x80-\x9f\u2028\u2029\u202a-\u202e]', text)


def columns(line):
    """Columns of a terminal."""
    return sum(0 if unicodedata.combining(c) else
               2 if unicodedata.east_asian_width(c) in 'WF' else 1 for c in line)


def check_texts(folder, label):
    text, _ = run('inventory', 'list', '-s', folder)
    wide = [line for line in text.split('\n') if columns(line) > 80]
    check(label + ': list has at most 80 columns', not wide, wide[:2])
    check(label + ': list is safe', is_safe(text))
    devices = json.loads(run('inventory', 'list', '--json', '-s', folder)[0])['devices']
    check(label + ': list shows every device', '%d of %d devices' % (
        len(devices), len(devices)) in text)
    for device in devices[:20]:
        page, _ = run('inventory', 'show', '-s', folder, str(device['id']))
        wide = [line for line in page.split('\n') if columns(line) > 80]
        check(label + ': page of device %d has at most 80 columns' % device['id'], not wide,
              wide[:2])
        check(label + ': page is safe', is_safe(page))
    return devices


def check_schema(folder, label):
    try:
        import jsonschema
    except ImportError:
        print('SKIPPED: python3-jsonschema is absent')
        return
    with open('contrib/wardtap-inventory.schema.json', encoding='utf-8') as file:
        schema = json.load(file)
    for text in (open(os.path.join(folder, 'inventory.json'), encoding='utf-8').read(),
                 export(folder, 'json')):
        error = next(iter(jsonschema.Draft202012Validator(schema).iter_errors(json.loads(text))),
                     None)
        check(label + ': JSON schema', error is None, str(error)[:500])


def check_advisories():
    """Programs of known advisories, in recordings of real ones made to say older versions."""
    folder = replay('dcmtk', 'pcaps/dicom/echo.pcap')
    check('a fixed DCMTK has no advisory', 'ICSMA' not in export(folder, 'json'))
    path = os.path.join(ROOM, 'old.pcap')
    with open('pcaps/dicom/echo.pcap', 'rb') as file:
        capture = file.read()
    with open(path, 'wb') as file:
        file.write(capture.replace(b'OFFIS_DCMTK_367', b'OFFIS_DCMTK_366'))
    folder = replay('dcmtk366', path)
    devices = json.loads(export(folder, 'json'))['devices']
    found = [one for device in devices for one in device.get('advisories', [])]
    check('an old DCMTK has one, confirmed', {(one['id'], one['grade']) for one in found} == {
        ('ICSMA-22-174-01', 'confirmed')}, found)
    check_schema(folder, 'advisories')


def check_geo():
    """Places of external peers, when a database is there; a damaged one is one line."""
    base = os.environ.get('WARDTAP_SHARED_DATA', '../shared/data')
    country = os.path.join(base, 'geo/iptoasn-country.mmdb')
    if not os.path.exists(country):
        print('SKIPPED: %s is absent' % country)
        return
    path = os.path.join(ROOM, 'external.pcap')
    inventory_hostile.write(path, names=['PUMPGW'], server=(8, 8, 8, 8))
    damaged = os.path.join(ROOM, 'damaged.mmdb')
    with open(country, 'rb') as file, open(damaged, 'wb') as out:
        out.write(file.read(100000))
    folder = replay('geo', path)
    text, error = run('inventory', 'list', '--json', '-s', folder, '--set',
                      'inventory.geo=%s,%s' % (damaged, country))
    check('a damaged database is one line', error.count('\n') == 1 and 'damaged.mmdb' in error,
          error)
    places = [place for device in json.loads(text)['devices']
              for place in device.get('external_places', [])]
    check('countries of external peers', places == [{'ip': '8.8.8.8', 'country': 'US'}], places)
    page, _ = run('inventory', 'show', '10.77.0.20', '-s', folder, '--set',
                  'inventory.geo=' + country)
    check('show tells the country', 'external, US' in page, page)


def check_csv(folder, label, devices):
    for form in ('csv', 'splunk', 'netbox', 'netbox-types', 'netbox-manufacturers',
                 'netbox-roles'):
        text = export(folder, form)
        check('%s: %s has Unix line ends' % (label, form), '\r' not in text)
        check('%s: %s is safe' % (label, form), is_safe(text))
        table = rows(text)
        check('%s: %s has no formula' % (label, form), not any(
            value and value[0] in '=+-@\t' for row in table for value in row.values()))
        check('%s: %s has whole rows' % (label, form), not any(
            None in row or None in row.values() for row in table))
    table = rows(export(folder, 'csv'))
    check(label + ': csv has every device', sorted(int(row['id']) for row in table) == sorted(
        device['id'] for device in devices))
    check_splunk(folder, label)
    check_netbox(folder, label, devices)


def check_splunk(folder, label):
    text = export(folder, 'splunk')
    check(label + ': Splunk header', text.split('\n')[0] == SPLUNK)
    for row in rows(text):
        keys = [row[key] for key in ('ip', 'mac', 'nt_host', 'dns')]
        check(label + ': Splunk asset has a key', any(keys))
        check(label + ': Splunk asset has one key of several values',
              sum('|' in key for key in keys) <= 1, keys)
        check(label + ': Splunk priority', row['priority'] in (
            'critical', 'high', 'medium', 'low', 'informational', 'unknown'))
        check(label + ': Splunk values have at most 975 characters',
              all(len(part) <= 975 for value in row.values() for part in value.split('|')))


def check_netbox(folder, label, devices):
    table = rows(export(folder, 'netbox', '--site', 'Main building'))
    types = {(row['manufacturer'], row['model']) for row in rows(export(folder, 'netbox-types'))}
    makers = {row['name'] for row in rows(export(folder, 'netbox-manufacturers'))}
    roles = {row['name'] for row in rows(export(folder, 'netbox-roles'))}
    check(label + ': NetBox has every device', len(table) == len(devices))
    check(label + ': NetBox names are unique', len({row['name'] for row in table}) == len(table))
    for row in table:
        check(label + ': NetBox columns', set(row) <= NETBOX)
        check(label + ': NetBox bounds', len(row['name']) <= 64 and len(row['serial']) <= 50 and
              len(row['asset_tag']) <= 50 and len(row['description']) <= 200)
        check(label + ': NetBox type, maker and role exist',
              (row['manufacturer'], row['device_type']) in types and
              row['manufacturer'] in makers and row['role'] in roles)
        check(label + ': NetBox site and status',
              row['site'] == 'Main building' and row['status'] == 'active')
    for form in ('netbox-types', 'netbox-manufacturers', 'netbox-roles'):
        slugs = [row['slug'] for row in rows(export(folder, form))]
        check('%s: slugs of %s' % (label, form),
              all(re.fullmatch('[a-z0-9-]{1,100}', slug) for slug in slugs))


def check_cyclonedx(folder, label, devices):
    text = export(folder, 'cyclonedx')
    bom = json.loads(text)
    refs = [part['bom-ref'] for device in bom['components']
            for part in [device, *device['components']]]
    check(label + ': CycloneDX has every device', len(bom['components']) == len(devices))
    check(label + ': CycloneDX references are unique', len(set(refs)) == len(refs))
    check(label + ': CycloneDX vulnerabilities point to devices', all(
        entry['ref'] in refs for one in bom['vulnerabilities'] for entry in one['affects']))
    check(label + ': CycloneDX repeats itself', text == export(folder, 'cyclonedx'))
    try:
        from cyclonedx.schema import SchemaVersion
        from cyclonedx.validation.json import JsonStrictValidator
    except ImportError:
        print('SKIPPED: cyclonedx-python-lib is absent: %s was not validated' % label)
        return
    error = JsonStrictValidator(SchemaVersion.V1_5).validate_str(text)
    check(label + ': CycloneDX 1.5 schema', error is None, repr(error)[:800])


def check_filters(folder, devices):
    for device in devices:
        name = device.get('class', {}).get('value') or 'unknown'
        listed = json.loads(run('inventory', 'list', '--json', '--class', name, '-s',
                                folder)[0])['devices']
        check('--class %s' % name, device['id'] in [one['id'] for one in listed] and all(
            (one.get('class', {}).get('value') or 'unknown') == name for one in listed))
    text, _ = run('inventory', 'list', '--search', 'synthpump', '-s', folder)
    check('--search', 'SynthPump' in text and 'PlateReader' not in text)
    text, _ = run('inventory', 'list', '--vendor', 'wardtap inf', '-s', folder)
    check('--vendor', 'infusion' in text and 'PlateReader' not in text)


def check_zones(folder):
    """Zones are the configuration's: the same database, other names."""
    zones = ('--set', 'inventory.zones=hall=10.77.0.0/16,ward=10.77.0.0/28,store=10.77.0.30,'
             'six=fd00::/8')
    devices = json.loads(run('inventory', 'list', '--json', '-s', folder, *zones)[0])['devices']
    inside = {'10.77.0.10': 'ward', '10.77.0.30': 'store', '10.77.0.21': 'hall'}
    found = {}
    for device in devices:
        ips = [one['value'] for one in device['attributes'].get('ip', [])]
        found.update((ip, device.get('zones')) for ip in ips)
        for peer in device.get('peers', []):
            if peer['ip'] in inside:
                check('zone of a peer', peer.get('zone') == inside[peer['ip']], peer)
    for ip, zone in inside.items():
        check('the longest prefix wins: %s' % ip, zone in (found.get(ip) or []), found.get(ip))
    listed = json.loads(run('inventory', 'list', '--json', '--zone', 'store', '-s', folder,
                            *zones)[0])['devices']
    check('--zone', listed and all('store' in one['zones'] for one in listed), listed)
    page, _ = run('inventory', 'show', '10.77.0.10', '-s', folder, *zones)
    check('show tells zones', 'Zone            ward' in page and 'in store' in page, page)
    text, _ = run('inventory', 'export', '--format', 'csv', '-s', folder, *zones)
    row = [one for one in csv.DictReader(io.StringIO(text)) if '10.77.0.10' in one['ip']][0]
    check('csv has zones', row['zones'].split('; ')[0] == 'ward', row['zones'])
    text, _ = run('inventory', 'export', '--format', 'splunk', '-s', folder, *zones)
    check('the category for Splunk has zones', '|zone_ward' in text)
    text, _ = run('inventory', 'export', '--format', 'netbox', '-s', folder, *zones)
    check('comments for NetBox have zones', any(
        'zone ward' in row['comments'].split('; ') for row in csv.DictReader(io.StringIO(text))), text)
    text, _ = run('inventory', 'export', '--format', 'cyclonedx', '-s', folder, *zones)
    check('CycloneDX has zones', any(
        one == {'name': 'wardtap:zone', 'value': 'ward'}
        for part in json.loads(text)['components'] for one in part['properties']))
    plain, _ = run('inventory', 'export', '--format', 'cyclonedx', '-s', folder)
    check('another document with other zones',
          json.loads(plain)['serialNumber'] != json.loads(text)['serialNumber'])
    text, _ = run('inventory', 'list', '-s', folder, *zones)
    plain, _ = run('inventory', 'list', '-s', folder)
    check('list has a column of zones', ' ZONE ' in text.split('\n')[0] and
          any(' ward ' in line for line in text.split('\n')), text)
    check('and none without zones', 'ZONE' not in plain, plain)
    check('80 columns', all(len(line) <= 80 for line in (text + plain).split('\n')), text)
    check('no zones without a name for them', 'zones' not in run(
        'inventory', 'list', '--json', '-s', folder)[0])
    for bad, wanted in (('ward', 'write NAME=NETWORK'), ('w=10.0.0.1/8', 'write 10.0.0.0/8'),
                        ('a b=10.0.0.0/8', 'write NAME=NETWORK'), ('w=moon', 'write one such')):
        _, error = run('inventory', 'list', '-s', folder, '--set', 'inventory.zones=' + bad, code=1)
        check('a wrong zone is told: %s' % bad, wanted in error and error.count('\n') == 1, error)


def check_show(folder):
    text, _ = run('inventory', 'show', '-s', folder, '10.77.0.10')
    check('show by address', 'WARDPACS' in text and '02:57:54:00:00:10' in text)
    check('show by MAC', run('inventory', 'show', '-s', folder, '0257.5400.0010')[0] == text)
    check('show by AE title', run('inventory', 'show', '-s', folder, 'wardpacs')[0] == text)
    _, error = run('inventory', 'show', '-s', folder, 'nobody', code=2)
    check('show tells of no device', "no device is 'nobody'" in error)
    _, error = run('inventory', 'list', '-s', os.path.join(ROOM, 'none'), code=1)
    check('a folder without an inventory is told', 'inventory.db' in error)
    _, error = run('inventory', 'list', code=1)
    check('no folder is told', 'state.dir' in error)


def check_compare(folder):
    path = os.path.join(ROOM, 'cmms.csv')
    with open(path, 'w', encoding='latin-1', newline='') as file:
        file.write('"Asset No.";Serial Number;MAC Address;Manufacturer;Model;IP Address;Note\r\n'
                   'T-1;;02-57-54-00-00-10;K\xfcnstlich AG;;10.77.0.10;"a\r\n""b"""\r\n'
                   'T-2;SYN-CT-000101;;WARDTAP Synthetic Imaging;SynthScan CT-128;;\r\n'
                   'T-3;NEVER-SEEN;00:11:22:33:44:55;X;Y;;\r\n'
                   'T-4;n/a;N/A;;;;\r\n')
    text, _ = run('inventory', 'compare', '-s', folder, path)
    check('compare finds by MAC and serial', '2 matched' in text, text)
    check('compare tells what was not seen', 'NEVER-SEEN' in text and 'T-4' in text)
    check('compare tells what differs',
          re.search(r'model +seen SynthScan CT-64 +listed SynthScan CT-128', text), text)
    found = json.loads(run('inventory', 'compare', '--json', '-s', folder, path)[0])
    check('compare as JSON', len(found['listed_not_seen']) == 2 and
          [row['attribute'] for row in found['differing']] == ['model'] and
          found['listed_not_seen'][0]['line'] == 5, found)
    with open(path, 'w') as file:
        file.write('colour,size\nred,2\n')
    _, error = run('inventory', 'compare', '-s', folder, path, code=1)
    check('compare tells of a file without keys', 'no column to match by' in error)
    run('inventory', 'compare', '-s', folder, os.path.join(ROOM, 'missing.csv'), code=1)


def check_state():
    """What a first replay saw is there after a second one; each in its own run."""
    state = os.path.join(ROOM, 'state')
    os.mkdir(state)
    more = ['--set', 'state.dir=' + state]
    first = replay('first', 'pcaps/dicom/store-modalities.pcap', more=more)
    replay('second', 'pcaps/hl7/pcd01-pump.pcap', more=more)
    kept = json.loads(export(state, 'json'))['devices']
    alone = json.loads(export(first, 'json'))['devices']
    check('devices keep their numbers across runs',
          {device['id'] for device in alone} <= {device['id'] for device in kept})
    check('a later run adds', len(kept) > len(alone))
    text = json.dumps(kept)
    check('evidence of both runs is kept', 'store-modalities.pcap' in text and
          'pcd01-pump.pcap' in text)
    with open(os.path.join(state, 'inventory.db'), 'r+b') as file:
        file.write(b'x' * 5000)
    _, error = run('replay', '-c', CONF, '-o', os.path.join(ROOM, 'third'), *more,
                   'pcaps/hl7/pcd01-pump.pcap')
    check('a damaged database is set aside', 'set aside' in error and os.path.exists(
        os.path.join(state, 'inventory.db.damaged-1')))
    check('and built anew', len(json.loads(export(state, 'json'))['devices']) > 0)


def essence(devices):
    """All but the order of lists, by number of the device."""
    for device in devices:
        for name in ('peers', 'via', 'speaks_of', 'links', 'conflicts'):
            device[name] = sorted(json.dumps(one) for one in device.get(name, []))
    return {device['id']: device for device in devices}


def check_database(folder):
    """The file is what replay's JSON says, and holds no patient data."""
    with open(os.path.join(folder, 'inventory.json'), encoding='utf-8') as file:
        written = json.load(file)['devices']
    stored = json.loads(export(folder, 'json'))['devices']
    check('inventory.db holds what inventory.json holds', essence(written) == essence(stored))
    database = sqlite3.connect(os.path.join(folder, 'inventory.db'))
    check('integrity', database.execute('PRAGMA integrity_check').fetchone() == ('ok',))
    database.close()
    with open(os.path.join(folder, 'inventory.db'), 'rb') as file:
        stored = file.read()
    names = set()
    for path in ('pcaps/hl7/TRUTH.jsonl', 'pcaps/dicom/TRUTH.jsonl'):
        with open(path, encoding='utf-8') as file:
            for word in re.findall(r'[A-Za-z]{4,}\^[A-Za-z]{3,}', file.read()):
                if word.isascii():
                    names.add(word)
    found = [name for name in names if name.encode() in stored and not re.match(
        'ORU|ADT|ACK|ORM|OML|RSP|QBP|WTH', name)]
    check('no name of a patient is in the database', not found, found[:5])


def main():
    folder = replay('out', *CAPTURES)
    devices = check_texts(folder, 'captures')
    check_csv(folder, 'captures', devices)
    check_cyclonedx(folder, 'captures', devices)
    check_filters(folder, devices)
    check_show(folder)
    check_zones(folder)
    check_compare(folder)
    check_database(folder)
    check_schema(folder, 'captures')
    check_state()
    check_advisories()
    check_geo()
    hostile = os.path.join(ROOM, 'hostile.pcap')
    inventory_hostile.write(hostile)
    folder = replay('hostile', hostile)
    devices = check_texts(folder, 'hostile')
    check('hostile: devices are there', len(devices) > 3)
    check_csv(folder, 'hostile', devices)
    check_cyclonedx(folder, 'hostile', devices)
    check_schema(folder, 'hostile')
    shutil.rmtree(folder)
    print('%d passed, %d failed' % (passed, failed))
    sys.exit(failed != 0)


main()
