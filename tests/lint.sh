#!/bin/sh
# Static checks. Usage: tests/lint.sh BUILD [deep]. Tools that are missing are named.
# deep: clang's path analyser too, which takes some ten minutes (make lint-deep).
set -u
cd "$(dirname "$0")/.." || exit 1
n_passed=0 n_failed=0 n_skipped=0
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT

try() { # name, tool, command...
	name=$1 tool=$2
	shift 2
	if ! command -v "$tool" >/dev/null; then
		echo "SKIPPED: $name: $tool is not installed"
		n_skipped=$((n_skipped + 1))
	elif "$@" >"$log" 2>&1; then
		n_passed=$((n_passed + 1))
	else
		echo "FAILED: $name"
		cat "$log"
		n_failed=$((n_failed + 1))
	fi
}

sources=$(git ls-files 'src/*.c' 'dissectors/*.c' | grep -v ndpi.c)
# The checks that find defects rather than taste; reasons for what is off:
# implicit-widening: fires on products of small constants; -Wconversion has the rest;
# easily-swappable-parameters: every protocol function has two lengths;
# the DeprecatedOrUnsafeBufferHandling check wants C11 Annex K, which glibc lacks;
# valist.Uninitialized: false in this version for every va_start (LLVM issue of 14);
# branch-clone: two clauses of a standard may ask for the same.
tidy_checks='-*,bugprone-*,-bugprone-easily-swappable-parameters,-bugprone-implicit-widening-of-multiplication-result,-bugprone-macro-parentheses,-bugprone-reserved-identifier,-bugprone-assignment-in-if-condition,-bugprone-narrowing-conversions,-bugprone-branch-clone'
[ "${2:-}" != deep ] || tidy_checks="$tidy_checks,clang-analyzer-*,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling,-clang-analyzer-optin.performance.Padding,-clang-analyzer-valist.Uninitialized"
tidy() {
	printf '%s\n' $sources | xargs -P2 -n8 sh -c 'exec clang-tidy-14 --quiet \
		--warnings-as-errors="*" --checks="'"$tidy_checks"'" "$@" \
		-- -std=c11 -Iinclude -Isrc -DWT_VERSION=\"lint\"' tidy
}
check() {
	cppcheck --quiet --std=c11 --enable=warning,portability --inline-suppr \
		--suppress=missingIncludeSystem --error-exitcode=1 -j2 -Iinclude -Isrc \
		-DWT_VERSION='"lint"' $sources
}
manuals() {
	bad=0
	for page in man/*.[1-8]; do
		mandoc -T lint -W warning "$page" || bad=1
	done
	return $bad
}
scripts() {
	shellcheck -s sh -S warning -e SC2086,SC2046 $(git ls-files 'tests/*.sh' 'contrib/*.sh' .ci/run)
}
try "structure" sh tests/layers.sh
try "clang-tidy" clang-tidy-14 tidy
try "cppcheck" cppcheck check
try "manual pages" mandoc manuals
try "shell scripts" shellcheck scripts
echo "$n_passed passed, $n_failed failed, $n_skipped skipped"
[ "$n_failed" = 0 ]
