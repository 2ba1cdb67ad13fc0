#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Properties of the values of options, over the whole command table: a wrong one is told in one line that
# names option and value, in every spelling, and nothing ever crashes.

load lib/common
setup_file() {
	common_setup_file
	export OPTIONS=$BATS_FILE_TMPDIR/options
	# run has create's table.
	"$BUILD/mkpages" --values | grep -v '^container run' > "$OPTIONS"
}
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

# complain WHAT...: the words of the command line that broke the rule, all of them.
complain() {
	printf '%q ' "$@"
	echo
	head -n 5 err
} >> bad

# told: err is one line, beside those that say where to read on. No process: this is asked a thousand times.
told() {
	local line n=0
	while IFS= read -r line; do [[ $line == "see: "* ]] || n=$((n + 1)); done < err
	[ "$n" = 1 ]
}

# refused NAME VALUE ARGS: 125, one line, which names the option and the value.
refused() {
	local name=$1 value=$2 status=0
	shift 2
	rl "$@" > out 2> err < /dev/null || status=$?
	[ "$status" = 125 ] && told && [[ $(< err) == *"--$name"* && $(< err) == *"$value"* ]] ||
		complain "$status" "$@"
}

no_complaints() {
	[ ! -s bad ] || { cat bad; return 1; }
}

@test "numbers, sizes, durations and flags: every command tells a malformed value" {
	local c o letter kind values
	while IFS=$'\t' read -r c o letter kind values; do
		case $kind in
		number) bad=(1x 99999999999999999999999) ;;
		float) bad=(1x nan) ;;
		size) bad=(big 1q) ;;
		duration) bad=(soon 5q) ;;
		flag) bad=(maybe) ;;
		*) continue ;;
		esac
		for v in "${bad[@]}"; do
			# shellcheck disable=SC2086 # a command of two words
			refused "$o" "$v" $c "--$o=$v"
		done
	done < "$OPTIONS"
	no_complaints
}

@test "-x=V, -xV, -x V, --name=V and --name V are one and the same" {
	local c o letter kind values want got spelling
	while IFS=$'\t' read -r c o letter kind values; do
		case $kind in number | float | size | duration) ;; *) continue ;; esac
		want=$(rl $c "--$o=bad" 2>&1 || true)
		spellings=("--$o bad")
		[ "$letter" = - ] || spellings+=("-$letter=bad" "-${letter}bad" "-$letter bad")
		for spelling in "${spellings[@]}"; do
			# shellcheck disable=SC2086
			got=$(rl $c $spelling 2>&1 || true)
			[ "$got" = "$want" ] || echo "$c $spelling: $got" >> bad
		done
	done < "$OPTIONS"
	no_complaints
}

@test "one of a list: another is refused, by create and wherever the value is looked at first" {
	local c o letter kind values
	while IFS=$'\t' read -r c o letter kind values; do
		case "$values" in "" | *...* | *@* | *[=:]*) continue ;; esac
		case $kind in flag) continue ;; esac
		case $c in
		"container create") refused "$o" no-such-value create "--$o=no-such-value" $BB true ;;
		"container wait") refused "$o" no-such-value wait "--$o=no-such-value" x ;;
		"container ps" | "image ls") refused "$o" no-such-value $c "--$o=no-such-value" ;;
		"image pull") refused "$o" no-such-value pull "--$o=no-such-value" "$BB" ;;
		"image save") refused "$o" no-such-value save "--$o=no-such-value" -o x.tar "$BB" ;;
		"container commit") refused "$o" no-such-value commit "--$o=no-such-value" x ;;
		inspect) refused "$o" no-such-value inspect "--$o=no-such-value" x ;;
		esac
	done < "$OPTIONS"
	no_complaints
}

@test "create: strange values of every option are taken or told in one line, and nothing crashes" {
	local c o letter kind values v status
	long=$(head -c 5000 /dev/zero | tr '\0' x)
	while IFS=$'\t' read -r c o letter kind values; do
		[ "$c" = "container create" ] && [ "$kind" != flag ] || continue
		case $o in cidfile | pidfile | conmon-pidfile | env-file | label-file | name) continue ;; esac
		for v in '' = a=b=c $'\x01%s%n' /dev/null "$long"; do
			status=0
			rl create --pull=never "--$o=$v" $BB true > out 2> err < /dev/null || status=$?
			case $status in
			0) continue ;;
			125) told && [[ $(< err) == "rootlet: "* ]] && continue ;;
			esac
			complain "$status" "--$o=${v:0:20}"
		done
	done < "$OPTIONS"
	rl rm -af > /dev/null
	rl volume prune -af > /dev/null
	no_complaints
}
