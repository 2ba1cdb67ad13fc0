#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The session: user namespace, pause process, ranges, refusals, nesting.

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; is_peer && skip "about rootlet" || true; }
teardown() { common_teardown; }

@test "unshare: uid 0 with the whole map" {
	run_rl unshare id -u
	is "$output" 0
	run_rl unshare cat /proc/self/uid_map
	like "${lines[0]}" "*0*$(id -u)*1"
	[ "${#lines[@]}" -ge 2 ]
	run_rl 5 unshare sh -c 'exit 5'
	run_rl 127 unshare no-such-program
	touch f
	run_rl unshare chown 33 f
	[ "$(stat -c %u f)" -gt 65535 ]
	rl unshare rm f
}

@test "all commands share one user namespace, and keep the caller's mounts" {
	a=$(rl unshare readlink /proc/self/ns/user)
	is "$(rl unshare readlink /proc/self/ns/user)" "$a"
	run_rl run -d --network=none --name c $BB sleep 100
	is "$(rl exec c readlink /proc/self/ns/user)" "$a"
}

@test "8 first commands at once make one session" {
	rl system migrate
	for i in 1 2 3 4 5 6 7 8; do
		rl unshare readlink /proc/self/ns/user > "ns$i" 3>&- &
		pids[$i]=$!
	done
	for i in 1 2 3 4 5 6 7 8; do wait "${pids[$i]}"; done
	is "$(sort -u ns? | wc -l)" 1
}

@test "a killed pause process is replaced" {
	rl unshare true
	for f in "$XDG_RUNTIME_DIR"/rootlet/*; do
		[ -f "$f" ] || continue
		for pid in $(grep -aoE '\b[0-9]{2,}\b' "$f" | head -3); do
			grep -qs rootlet "/proc/$pid/cmdline" "/proc/$pid/comm" && kill -9 "$pid"
		done
	done
	run_rl unshare id -u
	is "$output" 0
	run_rl run --rm --network=none $BB true
}

@test "garbage in the record of the session is no obstacle" {
	rl unshare true
	rl system migrate
	for f in "$XDG_RUNTIME_DIR"/rootlet/*; do
		[ -f "$f" ] && echo garbage > "$f"
	done
	run_rl unshare id -u
	is "$output" 0
}

@test "root is refused with the remedy" {
	# uid 0 of an unprivileged user namespace is nobody's root and is fine.
	need unshare
	run unshare -r "$ROOTLET" --version
	is "$status" 0
	if sudo -n true 2> /dev/null; then
		run sudo -n "$ROOTLET" ps
		is "$status" 125
		like "$output" "*runuser*"
	fi
}

@test "without ranges: one id, one warning that says what to do" {
	need unshare
	export XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR/run
	mkdir -m 700 run
	mkdir fake
	cp /etc/passwd fake/
	: > fake/subuid
	# Empty /etc/subuid and /etc/subgid, in a mount namespace where we are root of one id... the
	# nested session has only what that id is.
	run unshare -rm sh -c "mount --bind fake/subuid /etc/subuid && mount --bind fake/subuid /etc/subgid && '$ROOTLET' --root '$PWD/store' unshare cat /proc/self/uid_map"
	echo "$output"
	is "$status" 0
	like "${lines[-1]}" "*0*0*1" || like "${lines[-1]}" "*0*$(id -u)*1"
	like "$output" "*sub?id*"
	for p in $(engine_processes | awk '/pause/ { print $1 }'); do :; done
	XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR/run unshare -r "$ROOTLET" --root "$PWD/store" system migrate || true
}

@test "no XDG_RUNTIME_DIR, a wrong one, somebody else's" {
	run env -u XDG_RUNTIME_DIR "$ROOTLET" --root "$ROOT" unshare id -u
	is "${lines[-1]}" 0
	XDG_RUNTIME_DIR=/no/such/dir run_rl unshare id -u
	is "${lines[-1]}" 0
	XDG_RUNTIME_DIR=/ run_rl unshare id -u
	is "${lines[-1]}" 0
	env -u XDG_RUNTIME_DIR "$ROOTLET" --root "$ROOT" system migrate || true
}

@test "somebody else's HOME, as runuser and su -m leave it" {
	local own
	own=$(getent passwd "$(id -u)" | cut -d: -f6)
	[ -O "$own" ] || missing "this account has no home of its own"
	run env HOME=/root "$ROOTLET" --root "$ROOT" run --rm --network=none --env-host $BB sh -c 'echo $HOME'
	is "$output" "$own"
	run env -i "$ROOTLET" --root "$ROOT" run --rm --network=none $BB echo alive
	is "$output" alive
}

@test "nested: a container runs in a container's user namespace" {
	run rl unshare "$ROOTLET" --root "$PWD/nested" unshare id -u
	echo "$output"
	is "$status" 0
	is "${lines[-1]}" 0
	rl unshare "$ROOTLET" --root "$PWD/nested" system migrate || true
	rl unshare rm -rf nested
}

@test "info says who and where" {
	run_rl info --format json
	is "$(echo "$output" | jq -r '.store.graphRoot // .Store.GraphRoot')" "$ROOT"
}

@test "doctor names what is checked, with a verdict each" {
	run_rl '?' doctor
	for word in "ser namespace" sub newuidmap fuse tun overlay cgroup XDG_RUNTIME_DIR; do
		like "$output" "*$word*"
	done
}

@test "system reset removes the store, and the next command starts anew" {
	local ROOT=$BATS_TEST_TMPDIR/store
	load_busybox
	run_rl create --network=none $BB true
	run_rl system reset -f
	run_rl images -q
	is "$output" ""
	run_rl ps -aq
	is "$output" ""
	remove_store "$ROOT"
}
