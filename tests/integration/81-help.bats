#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Help, and the names of Podman and Docker.

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

@test "help CMD and CMD --help say the same, in Podman's order" {
	run_rl help run
	by_help=$output
	run_rl run --help
	is "$output" "$by_help"
	is "$(grep -E '^[A-Z][a-z]+:$' <<< "$output" | tr '\n' ' ')" "Description: Usage: Aliases: Examples: Options: "
	like "$output" "*rootlet run [[]options] IMAGE [[]COMMAND [[]ARG...]]*"
	like "$output" "*  -d, --detach  *"
	like "$output" "*      --help*"
	run_rl -h
	like "$output" "*Commands:*"
}

@test "every command of the overview has help with a description and --help among its options" {
	rl help | awk '/^Commands:/ { on = 1; next } /^$/ { on = 0 } on { print substr($0, 3, 22) }' > commands
	[ "$(wc -l < commands)" -gt 50 ]
	while read -r c; do
		# shellcheck disable=SC2086 # "volume create" is two words
		run_rl $c --help < /dev/null
		like "$output" "*Description:*Usage:*--help*" "help of $c"
	done < commands
}

@test "help of a group, and of what is not there" {
	run_rl help volume
	like "$output" "*rootlet volume COMMAND*create*"
	run_rl 125 help no-such
	is_one_error
	like "$output" "*no-such*"
}

@test "contrib/docker and contrib/podman are rootlet under that name" {
	contrib=${BATS_TEST_DIRNAME%/tests/*}/contrib
	export PATH=${ROOTLET%/*}:$PATH
	run "$contrib/podman" --root "$ROOT" run --rm --network=none $BB echo hi
	is "$output" hi
	run "$contrib/docker" completion bash
	is "${lines[-1]}" "complete -F _rootlet docker"
}

@test "contrib/aliases.sh: podman and docker in bash, zsh and sh" {
	contrib=${BATS_TEST_DIRNAME%/tests/*}/contrib
	export PATH=${ROOTLET%/*}:$PATH
	is "$(bash -ic ". $contrib/aliases.sh; complete -p docker podman; docker version --format '{{.Client.Version}}'" 2> /dev/null | tail -3)" \
"complete -F _rootlet docker
complete -F _rootlet podman
$(exec -a docker "$ROOTLET" version --format '{{.Client.Version}}')"
	printf '. %s/aliases.sh\npodman --version\ndocker --version\n' "$contrib" > s
	is "$(sh s)" "$(rl --version)"$'\n'"$(rl --version)"
	need zsh
	is "$(zsh -f s)" "$(rl --version)"$'\n'"$(exec -a docker "$ROOTLET" --version)"
}
