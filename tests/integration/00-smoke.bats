#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The program itself: help, version, refusals, the embedded image.

load lib/common
setup_file() { common_setup_file noimage; }
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

@test "version and --version say the same number" {
	run_rl --version
	like "$output" "rootlet version [0-9]*"
	v=${output##* }
	run_rl version --format '{{.Client.Version}}'
	is "$output" "$v"
}

@test "help lists commands, and every command has help" {
	run_rl help
	like "$output" "*run*"
	like "$output" "*images*"
	for c in run create start stop kill restart rm ps logs exec attach wait inspect top port rename \
		pull load import save images rmi tag untag history unshare info doctor; do
		run_rl "$c" --help
		like "$output" "*[Uu]sage*$c*" "help of $c"
	done
}

@test "an unknown command or option is one line and 125" {
	run_rl 125 no-such-command
	is_one_error
	like "$output" "*no-such-command*"
	run_rl 125 run --no-such-option x
	is_one_error
	like "$output" "*--no-such-option*"
	run_rl 125 --no-such-global ps
	is_one_error
}

@test "the binary links nothing but libc, libseccomp and yajl" {
	is_peer && skip "about rootlet"
	run ldd "$ROOTLET"
	others=$(echo "$output" | grep -vE 'linux-vdso|ld-linux|libc\.so|libseccomp|libyajl|libasan|libubsan|libm\.so|libgcc_s|libstdc' || true)
	is "$others" ""
}

@test "hello runs with no registry and no network" {
	is_peer && skip "about rootlet"
	run_rl run --rm hello
	like "$output" "*Hello from a rootlet container*"
	like "$output" "*uid 0 inside is uid $(id -u) outside*"
}

@test "hello without a network namespace of its own" {
	is_peer && skip "about rootlet"
	run_rl run --rm --network=none hello
	like "$output" "*Hello*"
	run_rl run --rm --network=host hello
	like "$output" "*Hello*"
}

@test "info and doctor answer, also as JSON" {
	run_rl info --format json
	echo "$output" | jq -e . > /dev/null
	run_rl '?' doctor
	[ "$status" -lt 125 ]
	run_rl '?' doctor --format json
	echo "$output" | jq -e . > /dev/null
}

@test "a shell on the host's own root file system" {
	is_peer && skip "about rootlet"
	run_rl run --rm host:/ sh -c 'cat /etc/os-release; echo gone > /etc/rootlet-test-file; cat /etc/rootlet-test-file'
	like "$output" "*gone*"
	[ ! -e /etc/rootlet-test-file ]
}
