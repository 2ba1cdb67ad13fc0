#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# system stop-all, and the pause process that leaves by itself: nothing of a user stays behind.

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

# The pause process of this file's session; nothing when there is none.
pause_pid() {
	local p
	for p in $(pgrep -u "$(id -u)" rootlet-pause); do
		[ "$(readlink "/proc/$p/fd/1")" = "$XDG_RUNTIME_DIR/rootlet" ] && echo "$p"
	done
	return 0
}

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

@test "the pause process leaves when nothing runs, stays while something does, and is small" {
	run_rl system stop-all
	is "$(pause_pid)" ""
	ROOTLET_PAUSE_IDLE=1 rl run -d --network=none --name up $BB sleep 1000
	pid=$(pause_pid)
	# A sanitizer has pages of its own.
	grep -q asan "/proc/$pid/maps" || [ "$(awk '/^Private_Dirty/ { print $2 }' "/proc/$pid/smaps_rollup")" -lt 400 ]
	sleep 2.5
	is "$(pause_pid)" "$pid"
	run_rl rm -f -t 0 up
	wait_for 5 sh -c "! kill -0 $pid 2> /dev/null"
	run_rl run --rm --network=none $BB echo again
	is "$output" again
}

@test "commands that join while the pause process leaves: none fails" {
	run_rl system stop-all
	ROOTLET_PAUSE_IDLE=1 rl create --network=none --name made $BB true
	end=$((SECONDS + 6))
	while [ $SECONDS -lt $end ]; do
		ROOTLET_PAUSE_IDLE=1 rl run -d --rm --network=none $BB sleep 0.2 > /dev/null
		ROOTLET_PAUSE_IDLE=1 rl ps -a --format '{{.Names}}' | grep -qx made
		sleep 0.9
	done
	run_rl start -a made
}
