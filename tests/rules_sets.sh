#!/bin/sh
# Sets that rules fill (dataset:set): through replay, with state that outlasts it, without a
# word of what messages said. Usage: tests/rules_sets.sh BUILD
set -u
cd "$(dirname "$0")/.." || exit 1
program=$1/wardtap
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
n_passed=0 n_failed=0
judge() { # name, status
	if [ "$2" = 0 ]; then
		n_passed=$((n_passed + 1))
	else
		n_failed=$((n_failed + 1))
		echo "FAILED: $1"
	fi
}
umask 077
for i in 1 2; do
	printf 'key number %s of the sets, 32 bytes and more' $i >"$dir/key$i"
done
head='alert http any any -> any any (msg:"t"; http.user_agent;'
printf '%s\n' "$head dataset:set,agents,type string,save agents.lst; sid:1;)" \
	"$head dataset:isset,agents; sid:2;)" >"$dir/test.rules"

alerts() { # rules, key, state, workers: alerts by sid as "sid:n sid:n"
	mkdir -p "$dir/$3"
	"$program" replay -j "$4" -o "$dir/out" --rules "$dir/$1" --set "state.dir=$dir/$3" \
		--set "privacy.key_file=$dir/key$2" pcaps/http >/dev/null 2>"$dir/err" ||
		cat "$dir/err"
	sed -n 's/.*"signature_id":\([0-9]*\).*/\1/p' "$dir/out/alerts.jsonl" | sort | uniq -c |
		awk '{ printf "%s%s:%s", (NR > 1 ? " " : ""), $2, $1 }'
}
same() { # name, found, expected
	[ "$2" = "$3" ]
	judge "$1: alerts '$2', expected '$3'" $?
}

# how many programs there are, and messages of them
"$program" replay -o "$dir/all" pcaps/http >/dev/null 2>&1
sed -n 's/.*"user_agent":"\([^"]*\)".*/\1/p' "$dir/all/events.jsonl" >"$dir/agents"
n_all=$(grep -c . "$dir/agents")
n_agents=$(sort -u "$dir/agents" | grep -c .)
[ "$n_agents" -gt 2 ] && [ "$n_all" -gt "$n_agents" ]
judge "the captures hold some programs more than once" $?
for j in 1 2; do
	same "new ones, -j $j" "$(alerts test.rules 1 state$j $j)" "1:$n_agents 2:$n_all"
done
cmp -s "$dir/state1/sets/agents.lst" "$dir/state2/sets/agents.lst"
judge "the same set for any number of workers" $?
same "all are known now" "$(alerts test.rules 1 state1 1)" "2:$n_all"
grep -q '"set_value":\["p:[0-9a-f]\{20\}"\]' "$dir/out/alerts.jsonl"
judge "alerts carry pseudonyms" $?
sort -u "$dir/agents" >"$dir/words"
cat "$dir/out/alerts.jsonl" "$dir"/state*/sets/* | grep -qF -f "$dir/words"
[ $? = 1 ]
judge "no text of a message is kept or told" $?
[ "$(sed 1d "$dir/state1/sets/agents.lst" | grep -cv '^p:[0-9a-f]\{20\}$')" = 0 ] &&
	[ "$(sed 1d "$dir/state1/sets/agents.lst" | wc -l)" = "$n_agents" ]
judge "a pseudonym a line" $?
sed -i '$d' "$dir/state1/sets/agents.lst"
echo "p:nonsense" >>"$dir/state1/sets/agents.lst"
same "a damaged line" "$(alerts test.rules 1 state1 1)" "1:1 2:$n_all"
grep -q '1 lines are damaged' "$dir/err"
judge "damage is told" $?
same "another key" "$(alerts test.rules 2 state1 1)" "1:$n_agents 2:$n_all"
grep -q 'made with another key.*kept as .*aside' "$dir/err" && ls "$dir"/state1/sets/*.aside >/dev/null
judge "the other key is told" $?
# a file that the set begins with, and rules that add to it
word=$(head -n 1 "$dir/agents")
printf %s "$word" | base64 -w 0 >"$dir/known.lst"
printf '%s\n' "$head dataset:isset,agents,load known.lst; dataset:set,seen; sid:3;)" \
	"$head dataset:set,agents; sid:4;)" >"$dir/loaded.rules"
# sid 3 comes before sid 4: it knows a program at its second message, and the file's at once
n_again=$(sort "$dir/agents" | uniq -c | WORD=$word awk '
	{ n = $1; sub(/^ *[0-9]+ /, "") } n > 1 || $0 == ENVIRON["WORD"]' | grep -c .)
same "a file begins the set" "$(alerts loaded.rules 1 state3 1)" \
	"3:$n_again 4:$((n_agents - 1))"
[ ! -e "$dir/state3/sets" ]
judge "what no rule saves is not written" $?
# what threshold.config suppresses is no alert, and is put into the set all the same
mkdir -p "$dir/quiet"
cp "$dir/test.rules" "$dir/quiet/"
echo 'suppress gen_id 1, sig_id 1' >"$dir/quiet/threshold.config"
same "a suppressed rule fills its set" "$(alerts quiet 1 state5 1)" "2:$n_all"
# a folder that cannot be written is told, and counts
mkdir -p "$dir/state4"
touch "$dir/state4/sets"
alerts test.rules 1 state4 1 | grep -q 'sets'
judge "a set that cannot be saved is told" $?
# one that cannot be saved does not keep another from it
printf '%s\n' "$head dataset:set,agents,save agents.lst; sid:1;)" \
	"$head dataset:set,others,save others.lst; sid:5;)" >"$dir/two.rules"
mkdir -p "$dir/state6/sets/agents.lst/in the way"
alerts two.rules 1 state6 1 | grep -q 'agents.lst: cannot be written'
judge "which set cannot be saved is told" $?
[ "$(sed 1d "$dir/state6/sets/others.lst" | wc -l)" = "$n_agents" ]
judge "the other set is saved" $?
echo "$n_passed passed, $n_failed failed"
[ "$n_failed" = 0 ]
