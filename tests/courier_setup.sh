# What the scripts around the courier begin with; read by them, not run. A folder `dir` that is
# removed at the end, by the caller's trap; `as`, in front of commands of the courier's user: it
# gives up root, so what it reads and writes belongs to that one; judge, which counts.
# shellcheck shell=sh
dir=$(mktemp -d) || exit 1
n_passed=0 n_failed=0
as=
if [ "$(id -u)" = 0 ]; then
	chown 65534:65534 "$dir"
	# shellcheck disable=SC2034 # for who reads this
	as="setpriv --reuid=65534 --regid=65534 --clear-groups"
fi

judge() { # name, what was found, what was expected
	if [ "$2" = "$3" ]; then
		n_passed=$((n_passed + 1))
	else
		n_failed=$((n_failed + 1))
		echo "FAILED: $1: found $2, expected $3"
	fi
}
