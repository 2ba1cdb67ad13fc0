#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Containers as systemd services, the modes of --cgroups, and what is counted.

load ../integration/lib/common
setup_file() { KEEP_SESSION=1; common_setup_file; }
teardown_file() { KEEP_SESSION=1; common_teardown_file; }
setup() { common_setup; }
teardown() {
	systemctl --user stop 'rl-*.service' 'rl-*.socket' > /dev/null 2>&1
	systemctl --user reset-failed > /dev/null 2>&1
	common_teardown
}

unit() {
	local name=$1
	shift
	systemd-run --user --quiet --unit="$name" "$@"
}

group_of() { cut -d: -f3 "/proc/$1/cgroup"; }
pid_of() { rl inspect --format '{{.State.Pid}}' "$1"; }
monitor_of() { rl inspect --format '{{.State.ConmonPid}}' "$1"; }

@test "Type=notify: systemd waits for ready and watches the monitor; stop ends the container" {
	unit rl-n -p Type=notify -p NotifyAccess=all \
		"$ROOTLET" --root "$ROOT" run -d --network=none --name n --sdnotify=conmon $BB sleep 1000
	is "$(systemctl --user is-active rl-n)" active
	is "$(systemctl --user show -P MainPID rl-n)" "$(monitor_of n)"
	like "$(group_of "$(monitor_of n)")" "*/rl-n.service"
	unlike "$(group_of "$(pid_of n)")" "*/rl-n.service"
	systemctl --user stop rl-n
	is "$(rl inspect --format '{{.State.Status}}' n)" exited
}

@test "Type=notify: the payload says when it is ready, and what it does" {
	unit rl-p -p Type=notify -p NotifyAccess=all \
		"$ROOTLET" --root "$ROOT" run -d --network=none --name p host:/ \
		sh -c 'systemd-notify --ready --status=serving; exec sleep 1000'
	is "$(systemctl --user is-active rl-p)" active
	is "$(systemctl --user show -P StatusText rl-p)" serving
	systemctl --user stop rl-p
}

@test "Type=notify: ready with the first good health check; never without one" {
	# Starts only when the check has found what the payload makes.
	unit rl-h -p Type=notify -p NotifyAccess=all "$ROOTLET" --root "$ROOT" run --network=none --name h \
		--sdnotify=healthy --health-cmd 'test -e /ok' --health-interval 500ms $BB \
		sh -c 'touch /ok; exec sleep 1000'
	is "$(systemctl --user is-active rl-h)" active
	is "$(rl inspect --format '{{.State.Health.Status}}' h)" healthy
	systemctl --user stop rl-h
	run ! unit rl-h2 -p Type=notify -p NotifyAccess=all -p TimeoutStartSec=3 "$ROOTLET" --root "$ROOT" run --rm \
		--network=none --sdnotify=healthy --health-cmd false --health-interval 500ms $BB sleep 1000
}

@test "socket activation: the payload serves what systemd listens on" {
	unit rl-s --socket-property=ListenStream="$BATS_TEST_TMPDIR/sock" \
		"$ROOTLET" --root "$ROOT" run --rm --network=none --name s host:/ python3 -c '
import socket, os
s = socket.socket(fileno=3)
c, _ = s.accept()
c.sendall(("hello from %s of %s" % (os.environ["LISTEN_PID"], os.environ["LISTEN_FDS"])).encode())'
	run python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX); s.settimeout(60); s.connect(sys.argv[1]); print(s.recv(100).decode())' \
		"$BATS_TEST_TMPDIR/sock"
	is "$output" "hello from 1 of 1"
}

@test "--cgroups: no-conmon leaves the monitor, disabled both, split makes both in the unit" {
	own=$(group_of self)
	run_rl run -d --network=none --cgroups=no-conmon --name a $BB sleep 1000
	is "$(group_of "$(monitor_of a)")" "$own"
	like "$(group_of "$(pid_of a)")" "*/rootlet-$(rl inspect --format '{{.Id}}' a)"
	run_rl run -d --network=none --cgroups=disabled --cgroupns=host --name b $BB sleep 1000
	is "$(group_of "$(pid_of b)")" "$own"
	is "$(rl inspect --format '{{.State.CgroupPath}}' b)" ""
	unit rl-split -p Type=oneshot -p RemainAfterExit=yes -p Delegate=yes \
		"$ROOTLET" --root "$ROOT" run -d --network=none --cgroups=split --memory 40m --name c $BB sleep 1000
	like "$(group_of "$(pid_of c)")" "*/rl-split.service/*"
	like "$(group_of "$(monitor_of c)")" "*/rl-split.service/*"
	run_rl exec c cat /sys/fs/cgroup/memory.max
	is "$output" 41943040
	run_rl 125 run --rm --network=none --cgroups=some $BB true
	run_rl rm -f -t 0 a b c
}

@test "an OOM kill is an event" {
	run_rl 137 run --network=none --name oom --memory 20m --memory-swap 20m $BB \
		sh -c 'dd if=/dev/zero of=/dev/null bs=100M count=1; exit $?'
	is "$(rl inspect --format '{{.State.OOMKilled}}' oom)" true
	run_rl events --stream=false --filter container=oom --filter event=oom --format '{{.Status}}'
	is "$output" oom
}

@test "stats: memory and its limit, cpu, io and pids come from the cgroup" {
	run_rl run -d --network=none --memory 64m --pids-limit 50 --name st $BB \
		sh -c 'dd if=/dev/zero of=/file bs=1M count=8 conv=fsync 2> /dev/null; sleep 1000 & i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; sleep 1000'
	wait_for 60 sh -c '"$ROOTLET" --root "$ROOT" exec st test -e /file'
	sleep 3
	run_rl stats --no-stream --format json st
	like "$output" '*/ 67.1*MB*'
	is "$(echo "$output" | jq -r '.[0] | (.pids // .PIDS | tonumber) >= 2')" true
	unlike "$(echo "$output" | jq -r '.[0] | .cpu_time // .cpu_percent')" "0*s"
	group=/sys/fs/cgroup$(group_of "$(pid_of st)")
	is "$(cat "$group/pids.max")" 50
	run_rl rm -f -t 0 st
}
