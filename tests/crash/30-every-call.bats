#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A command is broken at some of its system calls (EVERY_CALL_SAMPLE=0: at each of them).

load ../integration/lib/common
setup_file() {
	export BATS_TEST_TIMEOUT=${EVERY_CALL_TIMEOUT:-240}
	common_setup_file
	export REGISTRY_BASE=$BATS_FILE_TMPDIR STRIKE=$BATS_FILE_TMPDIR/strike
	${CC:-cc} -O1 -o "$STRIKE" "$BATS_TEST_DIRNAME/strike.c" || return 1
	registry_start every
	registry_push "$(fixture_busybox)" bb:1
}
teardown_file() {
	registry_stop every
	common_teardown_file
}
setup() {
	common_setup
	registry_use every
	IMAGES=$(fixture_once busybox.tar make_busybox_archive)
	export IMAGES REGISTRY
	[ "$(uname -m)" = x86_64 ] || missing "only for x86_64"
}
teardown() {
	rl load -q -i "$IMAGES/bb.tar" > /dev/null
	common_teardown
}

every_call() {
	run "$BATS_TEST_DIRNAME/every-call" --sample "${EVERY_CALL_SAMPLE:-1}" --seed "${EVERY_CALL_SEED:-1}" "$@"
	echo "$output"
	is "$status" 0
}

@test "a process is killed at a system call" { every_call --mode kill; }
@test "all processes are killed at a system call" { every_call --mode all; }
@test "the disk is full once" { every_call --mode nospc; }
@test "the disk is full and stays so" { every_call --mode full; }
