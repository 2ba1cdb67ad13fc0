#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A systemd user session: linger, user units, the session bus.

load ../integration/lib/common
setup_file() { KEEP_SESSION=1; common_setup_file; }
teardown_file() { KEEP_SESSION=1; common_teardown_file; }
setup() { common_setup; }
teardown() { systemctl --user reset-failed > /dev/null 2>&1; common_teardown; }

# Commands for a unit: it has neither functions nor this shell's variables.
unit() {
	local name=$1
	shift
	systemd-run --user --quiet --collect --unit="$name" "$@"
}

@test "the guest is what these tests want" {
	is "$(cat /proc/1/comm)" systemd
	[ -e /sys/fs/cgroup/cgroup.controllers ]
	like "$(cat "/sys/fs/cgroup/user.slice/user-$(id -u).slice/user@$(id -u).service/cgroup.controllers")" \
		"*cpu*memory*pids*"
}

@test "root is refused with the remedy, and nothing is made for it" {
	is "$(grep -c ' = 125$' /work/as-root)" 3
	is "$(grep -c '^rootlet: rootlet does not run as root: run it as a user: runuser -u NAME -- rootlet' /work/as-root)" 3
	unlike "$(cat /work/as-root)" "*store*"
	[ ! -e /run/user/0/rootlet ] && [ ! -e /tmp/rootlet-run-0 ]
}

@test "the kernel's overlay is used, writable, with volumes and through commit" {
	is "$(cat "$ROOT/driver")" overlay
	mkdir d
	echo 1 > d/f
	run_rl run --network=none --name o -v "$PWD/d:/d:O" $BB sh -c 'echo 2 >> /d/f; cat /d/f; rm /bin/cat; grep " / " /proc/mounts'
	like "$output" $'1\n2\noverlay / overlay *'
	is "$(cat d/f)" 1
	rl commit -q o localhost/o
	run_rl 127 run --rm --network=none localhost/o cat /etc/passwd
	rl rm o
	rl rmi localhost/o
}

@test "run works in the session, with and without a network" {
	run_rl run --rm --network=none $BB echo in
	is "$output" in
	run_rl run --rm $BB echo with-network
	is "$output" with-network
}

@test "hello: the embedded image" {
	run_rl run --rm hello
	like "$output" "*uid 0 inside is uid $(id -u) outside*"
}

@test "a container in the foreground of a user unit, stopped by systemd" {
	unit rl-fg "$ROOTLET" --root "$ROOT" run --rm --network=none --name fg $BB \
		sh -c 'trap "exit 0" TERM; while :; do sleep 0.2; done'
	wait_for 20 rl container exists fg
	wait_for 20 sh -c "'$ROOTLET' --root '$ROOT' inspect -f '{{.State.Status}}' fg | grep running"
	systemctl --user stop rl-fg
	wait_for 20 sh -c "! '$ROOTLET' --root '$ROOT' container exists fg"
}

@test "a container started by a unit is seen from the shell and outlives nothing it should not" {
	unit rl-bg -p Type=oneshot -p RemainAfterExit=yes \
		"$ROOTLET" --root "$ROOT" run -d --network=none --name bg $BB sleep 1000
	wait_for 20 rl container exists bg
	run_rl ps --format '{{.Names}}'
	is "$output" bg
	run_rl exec bg echo hi
	is "$output" hi
	run_rl rm -f -t 0 bg
	systemctl --user stop rl-bg || true
}

@test "su without a session, or with somebody else's, sees the same containers and has the cgroups" {
	run_rl run -d --network=none --name seen $BB sleep 1000
	# As "su" leaves it: no XDG_RUNTIME_DIR, no bus.
	run env -u XDG_RUNTIME_DIR -u DBUS_SESSION_BUS_ADDRESS "$ROOTLET" --root "$ROOT" ps --format '{{.Names}}'
	is "$output" seen
	run env -u XDG_RUNTIME_DIR -u DBUS_SESSION_BUS_ADDRESS "$ROOTLET" --root "$ROOT" exec seen echo hi
	is "$output" hi
	run env -u DBUS_SESSION_BUS_ADDRESS XDG_RUNTIME_DIR=/run/user/0 "$ROOTLET" --root "$ROOT" run --rm \
		--network=none --memory 50m $BB cat /sys/fs/cgroup/memory.max
	is "$output" 52428800
}
