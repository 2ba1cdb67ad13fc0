#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# container init: everything made, nothing run; and what start, stop and rm do with it.

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }


@test "init, then start: attached with stdin, detached" {
	run_rl create -i --network=none --name a $BB sh -c 'echo out; cat; exit 3'
	run_rl init a
	is "$output" a
	is "$(state a)" initialized
	[ "$(rl inspect --format '{{.State.Pid}}' a)" -gt 1 ]
	run_rl ps --format '{{.Names}}'
	is "$output" ""
	run_rl ps -a --format '{{.Status}}'
	is "$output" Initialized
	run_rl 255 exec a true
	run_rl 125 init a
	like "$output" "*it is initialized already*"
	run -3 bash -c 'echo in | "$ROOTLET" --root "$ROOT" start -ai a'
	is "$output" $'out\nin'
	run_rl create --network=none --name b $BB sh -c 'echo started; exec sleep 1000'
	run_rl container init b
	run_rl start b
	is "$(state b)" running
	run_rl exec b true
	run_rl events --stream=false --filter container=b --format '{{.Status}}'
	like "$output" $'create\ninit\nstart*'
	run_rl stop -t 0 b
	run_rl logs b
	is "$output" started
}

@test "init has the network and the files before the command runs" {
	run_rl create --name n -p "$(free_port):80" $BB cat /etc/hostname
	run_rl init n
	pid=$(rl inspect --format '{{.State.Pid}}' n)
	run_rl unshare nsenter -t "$pid" -n cat /proc/net/dev
	like "$output" "*tap0*"
	run_rl start -a n
	is "$output" "$(rl inspect --format '{{slice .Id 0 12}}' n)"
}

@test "a command that cannot be run is told at start" {
	run_rl create --network=none --name x $BB no-such-command
	run_rl init x
	run_rl 127 start x
	is_one_error
	is "$(state x)" created
	run_rl 127 start -a x
}

@test "stop and rm of what waits need no patience and no force" {
	SECONDS=0
	run_rl create --network=none --name s $BB sleep 1000
	run_rl init s
	run_rl stop s
	is "$(state s)" exited
	run_rl init s
	run_rl rm s
	run_rl 1 container exists s
	[ $SECONDS -lt 8 ]
}

@test "init --all passes over what runs; the health check and the timeout begin with start" {
	run_rl create --network=none --name one --timeout 2 --health-cmd true --health-interval 100ms $BB sleep 1000
	run_rl run -d --network=none --name two $BB sleep 1000
	run_rl init --all
	is "$output" "$(rl inspect --format "{{.Id}}" one)"
	sleep 0.3
	is "$(rl inspect -f '{{.State.Health.Status}}' one)" ''
	run_rl start one
	wait_for 10 sh -c '"$ROOTLET" --root "$ROOT" inspect --format "{{.State.Health.Status}}" one | grep -qx healthy'
	run_rl wait one
	is "$output" 255
	run_rl 125 init
	run_rl 125 init no-such
}

@test "the monitor of what waits is killed: it can be started anew" {
	run_rl create --network=none --name k $BB echo again
	run_rl init k
	kill -9 "$(rl inspect --format '{{.State.ConmonPid}}' k)"
	sleep 0.2
	run_rl start -a k
	is "$output" again
}
