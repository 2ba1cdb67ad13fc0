#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# "permission denied" of a container's start says in one line who may not pass where, and what helps.

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() {
	common_setup
	chmod 0755 . "$BATS_TEST_TMPDIR"
	mkdir -m 0700 closed
	printf '#!/bin/sh\necho hello\n' > closed/run
	chmod 0755 closed/run
}
teardown() {
	common_teardown
	rl unshare rm -rf "$BATS_TEST_TMPDIR/closed"
}

run1() { run_rl "$1" run --rm --network=none "${@:2}"; }

@test "a program in a volume of the caller" {
	local me host
	me=$(id -u)
	host=$(($(awk -F: -v u="$(id -un)" '$1 == u { print $2; exit }' /etc/subuid) + 999))
	run1 126 -v "$PWD/closed:/work" -w /work --user 1000 $BB ./run
	is_one_error
	like "$output" "*exec \`./run\`: Permission denied: /work (mode 0700, owner 0:0, on the host $me:$(id -g)) is closed to uid 1000 (host uid $host): --userns=keep-id:uid=1000,gid=*, the volume option U, or chmod o+x"
	# What it says helps.
	run1 0 --userns=keep-id:uid=1000,gid=1000 -v "$PWD/closed:/work" -w /work --user 1000 $BB ./run
	is "$output" hello
	run1 0 -v "$PWD/closed:/work:U" -w /work --user 1000 $BB ./run
	is "$output" hello
}

@test "a program that may not be executed" {
	run1 126 -v "$PWD/closed:/work" --user 1000 $BB /work/run
	is_one_error
	like "$output" "*Permission denied: /work (mode 0700*is closed to uid 1000*keep-id:uid=1000*"
	chmod 0644 closed/run
	run1 126 -v "$PWD/closed:/work" $BB /work/run
	like "$output" "*Permission denied: /work/run (mode 0644, owner 0:0*is closed to uid 0*chmod +x"
	chmod 0755 closed/run
	run1 126 -v "$PWD/closed:/work:noexec" $BB /work/run
	like "$output" "*/work/run*mounted noexec"
	run1 126 $BB /etc
	unlike "$output" "*is closed to*"
}

@test "exec says the same" {
	rl run -d --name c --network=none -v "$PWD/closed:/work" $BB sleep 60
	run_rl 126 exec --user 1000 c /work/run
	is_one_error
	like "$output" "*/work (mode 0700, owner 0:0, on the host $(id -u):*is closed to uid 1000 (host uid *keep-id*"
}

@test "a bind mount whose source belongs to somebody else" {
	local dir
	dir=$(find /root /var/lib/private /etc/ssl/private /lost+found -maxdepth 0 ! -readable 2> /dev/null | head -n 1)
	[ -n "$dir" ] || missing "no directory here is closed to us"
	run1 125 -v "$dir/x:/m" $BB true
	is_one_error
	like "$output" "*cannot mount $dir/x at /m: permission denied: $dir (mode *owner and group outside of its ids) is closed to uid 0 (host uid $(id -u)): chmod o+x, as its owner*"
}

@test "an id of nobody: the directory of the user in a container without him" {
	run1 126 --userns=nomap -v "$PWD/closed:/work" -w /work $BB true
	is_one_error
	like "$output" "*/work (mode 0700, owner and group outside of its ids) is closed to uid 0*"
}

@test "a home of mode 0700 is no obstacle with keep-id" {
	chmod 0700 "$HOME"
	run1 0 --userns=keep-id -v "$HOME:$HOME" -w "$HOME" $BB sh -c 'touch made && stat -c %u made'
	is "$output" "$(id -u)"
	run1 0 --userns=keep-id -v "$PWD/closed:/work" -w /work $BB ./run
	is "$output" hello
}

@test "--group-add keep-groups leaves the kernel's groups alone" {
	local have
	have=$(awk '/^Groups:/ { print NF - 1 }' /proc/self/status)
	run1 0 --group-add keep-groups $BB awk '/^Groups:/ { print NF - 1 }' /proc/self/status
	is "$output" "$have"
	rl run -d --name g --network=none --group-add keep-groups $BB sleep 60
	run_rl exec g awk '/^Groups:/ { print NF - 1 }' /proc/self/status
	is "$output" "$have"
}
