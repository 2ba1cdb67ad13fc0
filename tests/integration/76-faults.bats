#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Containers that behave badly, and hosts that do: the engine stays in order.

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

# The engine works: with another container, and the store is whole.
in_order() {
	run_rl run --rm --network=none $BB echo well
	is "$output" well
	run_rl system check
}

@test "it ignores SIGTERM: stop kills it after its time" {
	rl run -d --network=none --name deaf $BB sh -c 'trap "" TERM; echo up; while :; do sleep 0.1; done'
	wait_for 5 sh -c '"$ROOTLET" --root "$ROOT" logs deaf | grep -q up'
	SECONDS=0
	run_rl stop -t 1 deaf
	like "$output" "*warning*StopSignal SIGTERM failed to stop container deaf in 1 seconds, resorting to SIGKILL*deaf"
	[ $SECONDS -ge 1 ]
	[ $SECONDS -lt 8 ]
	is "$(field deaf State.ExitCode)" 137
	in_order
}

@test "it ignores SIGTERM: rm -f, restart and a monitor that is asked to end" {
	rl run -d --network=none --name deaf --stop-timeout 1 $BB sh -c 'trap "" TERM; while :; do sleep 0.1; done'
	sleep 0.3
	run_rl restart deaf
	is_field deaf State.Status running
	sleep 0.3
	kill -TERM "$(field deaf State.ConmonPid)"
	wait_for 8 is_field deaf State.Status exited
	run_rl start deaf
	sleep 0.3
	run_rl rm -f -t 1 deaf
	in_order
}

@test "it closes its stdout and stderr: it runs on, stop and logs work" {
	rl run -d --network=none --name mute $BB sh -c 'echo last; exec 1>&- 2>&-; exec sleep 1000'
	sleep 0.5
	is_field mute State.Status running
	is "$(rl logs mute)" last
	# The monitor must not spin on what is closed.
	mon=$(field mute State.ConmonPid)
	before=$(awk '{ print $14 + $15 }' "/proc/$mon/stat")
	sleep 1
	[ $(($(awk '{ print $14 + $15 }' "/proc/$mon/stat") - before)) -lt 20 ]
	run_rl exec mute echo here
	is "$output" here
	run_rl stop -t 0 mute
	in_order
}

@test "it closes its stdout in the foreground: run waits for the end" {
	run_rl 7 run --rm --network=none $BB sh -c 'exec 1>&- 2>&-; sleep 0.5; exit 7'
	in_order
}

@test "it forks without end: the limit holds, others run, rm ends it" {
	rl run -d --network=none --name bomb --ulimit nproc=200 --user 1000 $BB \
		sh -c 'b() { b | b & }; sleep 0.2; b; while :; do sleep 1; done' ||
		missing "no nproc limit here"
	sleep 2
	run_rl ps -q
	[ -n "$output" ]
	in_order
	pid=$(field bomb State.Pid)
	SECONDS=0
	run_rl rm -f -t 0 bomb
	[ $SECONDS -lt 15 ]
	[ ! -e "/proc/$pid" ]
}

@test "its volume is gone at start: one error, and it starts when the volume is back" {
	rl volume create data > /dev/null
	rl create --network=none --name v -v data:/data $BB ls /data
	mv "$ROOT/volumes/data" "$ROOT/volumes-away" 2> /dev/null || rl unshare mv "$ROOT/volumes/data" "$ROOT/volumes-away"
	run_rl 125 start -a v
	is_one_error
	like "$output" "*data*"
	run_rl ps -a --format '{{.Names}} {{.State}}'
	is "$output" "v Created"
	mv "$ROOT/volumes-away" "$ROOT/volumes/data" 2> /dev/null || rl unshare mv "$ROOT/volumes-away" "$ROOT/volumes/data"
	run_rl start -a v
	run_rl rm v
	mkdir host
	rl create --network=none --name b -v "$PWD/host:/host" $BB true
	rmdir host
	run_rl 125 start b
	like "$output" "*$PWD/host*"
	in_order
}

@test "its health check hangs: the check is killed, stop is not held up" {
	rl run -d --network=none --name h --health-cmd 'trap "" TERM INT HUP; while :; do sleep 1; done' \
		--health-interval 100ms --health-timeout 500ms --health-retries 2 $BB sleep 1000
	wait_for 15 is_field h State.Health.Status unhealthy
	# No pile of checks: one at a time.
	[ "$(rl top h pid args | grep -c 'trap')" -le 1 ]
	SECONDS=0
	run_rl stop -t 0 h
	[ $SECONDS -lt 8 ]
	in_order
}

# A small file system of its own for a log, in a mount namespace where we are root.
@test "its log disk is full: it runs on, and the log is used again when there is room" {
	run rl unshare mount -t tmpfs -o size=64k tmpfs /mnt
	[ "$status" -eq 0 ] || missing "tmpfs cannot be mounted in the session"
	rl unshare sh -c '
		set -e
		mkdir -p /mnt/full
		"$ROOTLET" --root "$ROOT" run -d --network=none --name full --log-opt path=/mnt/full/log '$BB' \
			sh -c "i=0; while [ \$i -lt 3000 ]; do echo 0123456789012345678901234567890123456789; i=\$((i+1)); done; touch /done; while [ ! -e /go ]; do sleep 0.1; done; echo end-of-it" > /dev/null
		df /mnt | tail -1
	'
	wait_for 15 rl exec full test -e /done
	is_field full State.Status running
	run rl unshare sh -c ': > /mnt/full/log'
	rl exec full touch /go
	run_rl wait full
	is "$output" 0
	run rl unshare cat /mnt/full/log
	like "$output" "*end-of-it*"
	rl unshare umount /mnt
	in_order
}
