#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# system stop-all, and the pause process that leaves by itself: nothing of a user stays behind.

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

pause_pid() { rl unshare true; jq -r .pid "$XDG_RUNTIME_DIR/rootlet/session" 2> /dev/null || awk '/^pid/ { print $2 }' "$XDG_RUNTIME_DIR/rootlet/session"; }

@test "stop-all: all containers in the time of one, restarting ones too, then the session" {
	for n in 1 2 3 4; do
		rl run -d --network=none --name "n$n" $BB sh -c 'trap "sleep 1; exit 0" TERM; while :; do sleep 0.1; done'
	done
	rl run -d --name net $BB sleep 1000
	rl run -d --network=none --name always --restart=always $BB sleep 1000
	rl run -d --network=none --name failing --restart=always $BB false
	rl run -d --network=none --name paused $BB sleep 1000
	rl pause paused
	rl create --network=none --name waits $BB true
	rl init waits
	sleep 0.3
	SECONDS=0
	run_rl system stop-all --time 5
	[ $SECONDS -lt 14 ]
	like "$output" "9 containers stopped"
	for n in 1 2 3 4 5 6 7 8 9 10; do
		left=$(engine_processes || true)
		[ -z "$left" ] && break
		sleep 0.1
	done
	is "$left" ""
	is "$(rl inspect --format '{{.State.ExitCode}}' n1)" 0
	is "$(rl ps -q)" ""
	run_rl start n1
	run_rl kill n1
}

@test "stop-all: --time 0 kills; what ignores SIGTERM does not delay it; twice is fine" {
	rl run -d --network=none --name deaf $BB sh -c 'trap "" TERM; while :; do sleep 0.1; done'
	sleep 0.3
	SECONDS=0
	run_rl system stop-all --time 0
	[ $SECONDS -lt 8 ]
	is "$(rl inspect --format '{{.State.ExitCode}}' deaf)" 137
	run_rl system stop-all
	is "$output" "0 containers stopped"
}

@test "stop-all ends shells of unshare, but not the one it is called from" {
	rl unshare sleep 1000 3>&- &
	shell=$!
	sleep 0.3
	run rl unshare sh -c '"$ROOTLET" --root "$ROOT" system stop-all && echo still here'
	like "$output" "*still here"
	run ! kill -0 $shell
	wait $shell || true
}
