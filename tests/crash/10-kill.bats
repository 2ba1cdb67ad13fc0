#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# kill -9 at random points: afterwards "system check" finds nothing that it cannot repair, the
# next command works, and nothing is left behind.

load ../integration/lib/common
setup_file() {
	common_setup_file
	export REGISTRY_BASE=$BATS_FILE_TMPDIR
	registry_start crash
	registry_push "$(fixture_zoo)" zoo:1
	registry_push "$(fixture_busybox)" bb:1
}
teardown_file() {
	registry_stop crash
	common_teardown_file
}
setup() { common_setup; registry_use crash; }
teardown() { common_teardown; }

# strike MAX-MS COMMAND...: starts it in a group of its own, kills all of it at a random moment.
strike() {
	local max=$1
	shift
	python3 - "$max" "$@" <<-'PY'
		import os, random, signal, subprocess, sys, time
		p = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
		                     stderr=subprocess.DEVNULL, start_new_session=True)
		time.sleep(random.random() * float(sys.argv[1]) / 1000)
		try:
		    os.killpg(p.pid, signal.SIGKILL)
		except ProcessLookupError:
		    pass
		p.wait()
	PY
}

all_is_well() {
	run_rl '?' system check
	[ "$status" -eq 0 ] || run_rl system check --repair
	run_rl system check
	run_rl run --rm --network=none $BB echo alive
	is "$output" alive
}

@test "pull" {
	for i in $(seq 25); do
		strike 150 "$ROOTLET" --root "$ROOT" pull -q --tls-verify=false "$REGISTRY/zoo:1"
		run_rl '?' rmi -f "$REGISTRY/zoo:1"
	done
	all_is_well
	run_rl pull -q --tls-verify=false "$REGISTRY/zoo:1"
	run_rl run --rm --network=none --user 0 "$REGISTRY/zoo:1" 'cat /zoo/opaque/new'
	is "$output" new
	run_rl rmi -f "$REGISTRY/zoo:1"
}

@test "load" {
	rl save --format oci-archive -o bb.tar $BB
	for i in $(seq 25); do
		strike 80 "$ROOTLET" --root "$ROOT" load -q -i bb.tar
	done
	all_is_well
}

@test "run" {
	for i in $(seq 40); do
		strike 30 "$ROOTLET" --root "$ROOT" run --rm --network=none $BB sh -c 'sleep 0.02'
	done
	rl rm -af -t 0
	all_is_well
	run_rl ps -aq
	is "$output" ""
}

@test "run with a network" {
	for i in $(seq 20); do
		strike 50 "$ROOTLET" --root "$ROOT" run --rm $BB sh -c 'sleep 0.02'
	done
	rl rm -af -t 0
	all_is_well
	wait_for 10 sh -c '! pgrep -u $(id -u) -x slirp4netns'
}

@test "run -d, then rm -f" {
	for i in $(seq 25); do
		rl run -d --network=none --name "k$i" $BB sleep 1000 > /dev/null
		strike 20 "$ROOTLET" --root "$ROOT" rm -f -t 0 "k$i"
	done
	rl rm -af -t 0
	all_is_well
	run_rl ps -aq
	is "$output" ""
}

@test "every process of the engine at once, as at a power cut" {
	for i in 1 2 3; do
		rl run -d --network=none --name "p$i" -v vol:/v $BB sleep 1000 > /dev/null
	done
	pids=$(engine_processes | awk '{ print $1 }')
	for i in 1 2 3; do pids="$pids $(rl inspect --format '{{.State.Pid}}' "p$i")"; done
	kill -9 $pids 2> /dev/null || true
	sleep 0.3
	run_rl ps --format '{{.Names}}'
	is "$output" ""
	run_rl ps -a --format '{{.Names}}' --sort names
	is "$output" $'p1\np2\np3'
	run_rl start p1
	run_rl exec p1 true
	run_rl rm -af -t 0
	all_is_well
}

@test "create and rename: no name is lost or taken for ever" {
	for i in $(seq 30); do
		strike 15 "$ROOTLET" --root "$ROOT" create --network=none --name again $BB true
		rl rm -f again > /dev/null 2>&1 || true
	done
	run_rl create --network=none --name again $BB true
	for i in $(seq 20); do
		strike 10 "$ROOTLET" --root "$ROOT" rename again other
		strike 10 "$ROOTLET" --root "$ROOT" rename other again
	done
	rl rm -af
	all_is_well
	run_rl create --network=none --name again $BB true
	run_rl create --network=none --name other $BB true
	is "$(rl ps -aq | wc -l)" 2
}
