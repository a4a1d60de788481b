"""Converts Sigma rules into Lucene queries with pySigma: FOLDER, and the file that gets
one line for each: name, TAB, query. Any fault that pySigma's validators find is an error."""
import pathlib
import sys

from sigma.backends.opensearch import OpensearchLuceneBackend
from sigma.collection import SigmaCollection


def main():
    folder, out = map(pathlib.Path, sys.argv[1:])
    rows = []
    for path in sorted(folder.glob("*.yml")):
        rules = SigmaCollection.load_ruleset([path])
        faults = [str(e) for rule in rules.rules for e in rule.errors]
        if faults:
            print(path.name, faults)
            return 1
        (query,) = OpensearchLuceneBackend().convert(rules)
        rows.append("%s\t%s\n" % (path.name, query))
    out.write_text("".join(rows), encoding="ascii")
    return not rows


if __name__ == "__main__":
    sys.exit(main())
