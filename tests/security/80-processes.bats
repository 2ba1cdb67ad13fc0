#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Processes of a container and ours that they can see, join or be asked to start.

load helpers
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; bait; }
teardown() { unbait; common_teardown; }

@test "CVE-2016-9962: who may ptrace in a joined pid namespace gets no look at a starting container" {
	# With shell builtins only: it looks thousands of times a second.
	run_rl run -d --network=none --name c --cap-add SYS_PTRACE --security-opt seccomp=unconfined $BB sh -c "
		while :; do for p in /proc/[2-9] /proc/[1-9][0-9]*; do
			[ ! -e \$p/root$BAIT-victim ] || { echo got > /got; exec sleep 1000; }; done; done"
	# The more there is to mount, the longer a start is under way.
	for i in $(seq 40); do set -- "$@" -v "$PWD:/m/$i"; done
	for args in --network=slirp4netns --network=none --userns=keep-id "--userns=keep-id --network=none" \
		--userns=container:c; do
		for i in 1 2 3; do run_rl run --rm --pid=container:c $args "$@" $BB true; done
	done
	for i in $(seq 10); do run_rl exec c true; done
	run_rl 1 exec c cat /got
}
