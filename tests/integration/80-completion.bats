#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Completion: what `rootlet __complete` answers, and that real shells make words of it.

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() {
	common_setup
	PATH=${ROOTLET%/*}:$PATH
}
teardown() { common_teardown; }

# answer WORD...: the words only, on one line.
answer() {
	rl __complete --no-desc -- --root "$ROOT" "$@" | tr '\n' ' '
}

# in_shell COMMAND: types stdin into that shell on a terminal; what the commands became.
in_shell() {
	script -qec "$1" /dev/null 2>&1 | tr -d '\r' | grep -ao 'GOT .*'
}

# The same for every shell with bash's syntax: the engine's name is a function that tells its words.
rc() {
	cat <<EOT
source <(command rootlet completion $1)
rootlet() { if [ "\$1" = __complete ]; then command rootlet "\$@"; else printf GOT; printf ' <%s>' "\$@"; echo; fi; }
alias podman=rootlet
EOT
}

lines_to_type() {
	printf 'rootlet --root %s ru\t--rm\n' "$ROOT"
	printf 'rootlet --root %s run --network=cont\tu\tx\n' "$ROOT"
	printf 'rootlet --root %s stop u\t\n' "$ROOT"
	printf 'podman --root %s rm ol\tup\tx\n' "$ROOT"
	printf 'podman run --env-file /etc/hostn\tx\n'
	printf 'podman vol\tcre\t--lab\tx\n'
	printf 'exit\n'
}

check_typed() {
	is "${lines[0]}" "GOT <--root> <$ROOT> <run> <--rm>"
	is "${lines[1]}" "GOT <--root> <$ROOT> <run> <--network=container:up> <x>"
	is "${lines[2]}" "GOT <--root> <$ROOT> <stop> <up>"
	is "${lines[3]}" "GOT <--root> <$ROOT> <rm> <old> <up> <x>"
	is "${lines[4]}" "GOT <run> <--env-file> </etc/hostname> <x>"
	is "${lines[5]}" "GOT <volume> <create> <--label> <x>"
}

make_two() {
	rl create --name old $BB true > /dev/null
	rl run -d --name up --network=none $BB sleep 1000 > /dev/null
}

@test "commands: short names and groups, then a group's own; hidden ones stay hidden" {
	is "$(answer ru)" "run "
	is "$(answer vol)" "volume "
	is "$(answer volume c)" "create "
	is "$(answer container unp)" "unpause "
	is "$(answer __)" ""
	run_rl __complete -- ru
	is "$output" $'run\trun a command in a new container'
}

@test "options: long names that are in the help, and values with a known set in every spelling" {
	is "$(answer run --read)" "--read-only --read-only-tmpfs "
	is "$(answer run --health-on-failure '')" "none kill restart stop "
	is "$(answer run --pull=n)" "--pull=newer --pull=never "
	is "$(answer run -v)" ":dir "
	is "$(answer run --cap-add CHOWN,NET_R)" "CHOWN,NET_RAW "
	is "$(answer kill -s HU)" "HUP "
	is "$(answer kill -sHU)" "-sHUP "
	is "$(answer run --rm=)" "--rm=true --rm=false "
	is "$(answer --log-level wa)" "warn "
	is "$(answer run --link-l)" ""
	is "$(answer commit --format '')" "oci docker "
	is "$(answer run --mount type=b)" "type=bind, "
}

@test "names: containers by state, images in every form, volumes, secrets, files" {
	make_two
	rl volume create vol1 > /dev/null
	echo x | rl secret create sec1 - > /dev/null
	is "$(answer rm '')" "old up "
	is "$(answer rm old '')" "up "
	is "$(answer stop '')" "up "
	is "$(answer start '')" "old "
	is "$(answer unpause '')" ""
	is "$(answer exec '')" "up "
	is "$(answer exec up '')" ""
	is "$(answer run --network container:o)" "container:old "
	is "$(answer cp u)" "up: :file "
	is "$(answer volume rm '')" "vol1 "
	is "$(answer run -v vo)" "vol1 :dir "
	is "$(answer secret rm '')" "sec1 "
	like "$(answer rmi '')" "*$BB *"
	is "$(answer run bb)" "bb:latest bb "
	is "$(answer run "$BB" '')" ""
	id=$(rl ps -q)
	is "$(answer stop "${id:0:4}")" "${id:0:12} "
	touch "a file" && is "$(answer run --security-opt seccomp=a)" "seccomp=a file "
	rl stop -t 0 up > /dev/null
	is "$(answer stop '')" ""
	is "$(answer start '')" "old up "
}

@test "a store and a session that are not there are not made" {
	[ -z "$(rl __complete --no-desc -- --root "$PWD/none" rm '')" ]
	[ ! -e none ]
}

@test "strange command lines are answered with nothing, never with an error" {
	for words in "" "-" "--" "--root" "run -- x" "no-such x" "run -zz" "run --no-such=" "run --pull=x=" "stop -t" "image" "run -e"; do
		# shellcheck disable=SC2086
		run_rl __complete -- $words ''
	done
	run_rl 125 __complete
}

@test "bash: typed words, an alias, files, volumes" {
	need script
	make_two
	rc bash > rc
	echo "complete -F _rootlet podman" >> rc
	run in_shell "bash --rcfile rc -i" < <(lines_to_type)
	check_typed
}

@test "zsh: typed words, an alias, files, volumes" {
	need script zsh
	make_two
	{ echo "autoload -U compinit; compinit -u -D"; rc zsh; echo "compdef _rootlet podman"; } > .zshrc
	ZDOTDIR=$PWD run in_shell "zsh -i" < <(lines_to_type)
	check_typed
}

@test "fish: the words it offers" {
	need fish
	make_two
	export HOME=$PWD
	ask() { fish -N -c "command rootlet completion fish | source; complete -C '$1'"; }
	is "$(ask "rootlet ru")" $'run\trun a command in a new container'
	is "$(ask "rootlet --root $ROOT stop ")" up
	is "$(ask "rootlet run --network=cont")" "--network=container:"
	like "$(ask "rootlet run --env-file /etc/hostn")" "/etc/hostname*"
	ln -s "$ROOTLET" podman
	is "$(fish -N -c "./podman completion fish | source; complete -C 'podman sto'")" $'stop\tstop containers'
}

@test "completion: to a file, without explanations, under another name; a shell that is none" {
	run_rl completion bash -f out
	bash -n out
	run_rl completion zsh --no-desc
	is "${lines[0]}" "#compdef rootlet"
	is "${lines[1]}" "ROOTLET_COMPLETE_FLAGS=--no-desc"
	ln -s "$ROOTLET" docker
	is "$(./docker completion bash | tail -1)" "complete -F _rootlet docker"
	run_rl 125 completion tcsh
	is_one_error
	like "$output" "*'tcsh'*bash, zsh, fish*"
	run_rl 125 completion bash -f /no/such/dir/x
	like "$output" "*/no/such/dir/x*"
}
