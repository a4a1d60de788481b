#!/usr/bin/env python3
"""rules/inventory/advisories.tsv from CISA's medical advisories (ICSMA).

    derive_advisories.py ICSMA.tsv EDITION >rules/inventory/advisories.tsv

ICSMA.tsv has one line for each affected product, with the columns advisory_id,
initial_date, current_date, vendor, product, affected_versions, cves, max_cvss,
cvss_vector, cwes, title (from the CSAF files at github.com/cisagov/CSAF, public
domain). What the text leaves open is settled in curated/products.tsv and vendors.tsv.
Advisories that have no product named in curated/products.tsv get patterns made of the
product's own words. What is left out is told on standard error, with the reason.
"""
import csv
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
# Advisories whose vendor column does not name the maker on the label.
MAKERS = {
    'Silex Technology and GE Healthcare': '',
    'ENEA, Green Hills Software, ITRON, IP Infusion, and Wind River': '*',
    'Hillrom and ELI, Baxter International Inc.': 'Hillrom',
    'Qualcomm Life': '*',
    'BMC Medical, 3B Medical': 'BMC Medical',
}
# Rows of one advisory that name another maker's product.
STRAY = {('ICSMA-20-343-01', 'Alaris PC Unit'): "another maker's product"}
DROPPED_WORDS = {'system', 'systems', 'pump', 'pumps', 'software', 'family', 'device',
                 'monitor', 'monitors', 'the', 'of', 'products', 'gui'}
VERSION = re.compile(r'^(v|r|rev\.? ?|version )?(?=[\w.\-]*\d|[a-z]$)[a-z]{0,4}[.\-]?[\w.\-]*$',
                     re.I)


def rows_of(path):
    with open(path, encoding='utf-8') as file:
        lines = [line for line in file if not line.startswith('#')]
    return [line.rstrip('\n').split('\t') for line in lines if line.strip()]


def tables():
    vendors = rows_of(os.path.join(HERE, 'vendors.tsv'))[2:]
    products = rows_of(os.path.join(HERE, 'curated', 'products.tsv'))[1:]
    return vendors, {row[0]: row[1:] for row in products}


def maker(vendor, product, vendors):
    if vendor in MAKERS and MAKERS[vendor] != '':
        return MAKERS[vendor]
    if vendor in MAKERS:
        return 'GE HealthCare' if product.startswith('GEH') else 'Silex Technology'
    if 'Welch Allyn' in product or 'Connex' in product:
        return 'Hillrom'
    for name, pattern in vendors:
        expression = re.escape(pattern).replace(r'\*', '.*').replace(r'\?', '.')
        if re.fullmatch(expression, vendor, re.I):
            return name
    raise SystemExit('no maker in vendors.tsv for %r' % vendor)


def constraint(text):
    """One comparison in the table's form, or None."""
    text = text.strip()
    match = re.match(r'^(<=|>=|<|>|=)?\s*(.*)$', text)
    sign, version = match.group(1) or '=', match.group(2).strip()
    if not version or not VERSION.match(version):
        return None
    version = re.sub(r'^(version |rev\.? ?)', '', version, flags=re.I)
    if re.fullmatch(r'[A-Za-z]|\d', version) and sign in ('=', '<='):
        version += '.x'
    return sign + version


def versions(text):
    text = text.replace('distributed', '').strip()
    if text.startswith('vers:all/') or text == '*':
        return '*'
    wanted = []
    for group in text.split('||'):
        parts = [constraint(part) for part in group.split('|')]
        if None in parts:
            return '?'
        signs = [re.match(r'[<>=]+', part).group(0) for part in parts]
        if len(parts) == 2 and signs[0][0] == '>' and signs[1][0] == '<':
            wanted.append(','.join(parts))
        else:
            wanted += parts
    return '|'.join(dict.fromkeys(wanted))


def patterns(product, name):
    """The product's own words, without its maker's name and without remarks."""
    text = re.sub(r'\([^)]*\)', ' ', product)
    words = re.sub(r'[^0-9a-z\x80-\U0010ffff]+', ' ', text.lower()).split()
    makers = set(re.sub(r'[^0-9a-z]+', ' ', name.lower()).split()) | {'welch', 'allyn', 'bd'}
    while words and words[0] in makers:
        words.pop(0)
    while len(words) > 1 and words[-1] in DROPPED_WORDS:
        words.pop()
    return ' '.join(words)


def clean(text):
    text = ' '.join(text.split())
    if 'Ã' in text:  # UTF-8 read as Latin-1 by the source
        text = text.encode('latin-1').decode('utf-8')
    return text


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    vendors, curated = tables()
    with open(sys.argv[1], encoding='utf-8', newline='') as file:
        source = list(csv.DictReader(file, delimiter='\t', quoting=csv.QUOTE_NONE))
    used, n_out, lines = set(), 0, []
    for row in source:
        product, strength, subject, patterned, ranged = row['product'], 'plain', 'model', '', ''
        name = maker(row['vendor'], product, vendors)
        if product in curated:
            used.add(product)
            strength, subject, patterned, ranged = curated[product]
        if (row['advisory_id'], product) in STRAY:
            strength, patterned = '-', STRAY[(row['advisory_id'], product)]
        if strength == '-':
            print('left out: %s %s: %s' % (row['advisory_id'], product, patterned),
                  file=sys.stderr)
            n_out += 1
            continue
        patterned = patterned or patterns(product, name)
        ranged = ranged or versions(row['affected_versions'])
        title = re.sub(r'^ICSMA-[\d-]+[A-Z]?_', '', row['title'])
        score = row['max_cvss'] or ''
        lines.append([row['advisory_id'], row['current_date'], name, clean(product), strength,
                      subject, patterned, ranged, clean(row['affected_versions']), score,
                      clean(row['cves']), clean(title)])
    for product in sorted(set(curated) - used):
        print('no advisory has the product %r of curated/products.tsv' % product,
              file=sys.stderr)
    sys.stdout.write(open(os.path.join(HERE, 'curated', 'advisories.head'),
                          encoding='utf-8').read())
    print('wardtap-table\tadvisories\t1\t%s' % sys.argv[2])
    print('advisory\tupdated\tvendor\tproduct\tstrength\tsubject\tpatterns\tversions\t'
          'affected\tcvss\tcves\ttitle')
    for line in sorted(lines):
        print('\t'.join(line))
    print('%d rows, %d left out, %d of unknown versions' % (
        len(lines), n_out, sum(line[7] == '?' for line in lines)), file=sys.stderr)


if __name__ == '__main__':
    main()
