#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A user with one id (no subordinate ranges: LDAP accounts, clusters, nested namespaces).

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() {
	common_setup
	need unshare
	S=$BATS_TEST_TMPDIR/store
}
teardown() { common_teardown; }

# single SCRIPT: in one session of one id; "rl1" is the engine with a store of its own, and "bb" its image.
single() {
	local l
	l=$(fixture_once busybox.tar make_busybox_archive)
	run --separate-stderr env XDG_RUNTIME_DIR="$BATS_TEST_TMPDIR" unshare -U -c bash -c '
		rl1() { "$ROOTLET" --root "$1" "${@:2}"; }
		rl1() { "$ROOTLET" --root "'"$S"'" "$@"; }
		r() { rl1 run --rm --network=none "$@"; }
		bb='"$BB"'
		rl1 load -q -i '"$l"'/bb.tar > /dev/null || exit 99
		'"$1"'
		x=$?
		rl1 rm -af -t 0 > /dev/null
		rl1 system migrate
		exit $x'
	echo "$output"; echo "$stderr" | grep -v "one user id only" || true
}

@test "an image with foreign owners is taken and runs" {
	single 'r $bb sh -c "id -u; stat -c %u:%g /bin/busybox /etc/passwd | sort -u; echo x > /new; cat /new"'
	is "$output" 0$'\n'0:0$'\n'x
	is "$status" 0
}

@test "the image of a Debian runs, and dpkg changes owners" {
	[ -r "${DEBIAN_TAR:-}" ] || missing "DEBIAN_TAR names no Debian file system"
	single 'rl1 import -q '"$DEBIAN_TAR"' deb:1 > /dev/null
		r deb:1 sh -c "apt-get --version | head -n 1;
			mkdir /repo && : > /repo/Packages && echo deb [trusted=yes] copy:/repo ./ > /etc/apt/sources.list &&
			apt-get -q update 2>&1 | tail -n 1; chown daemon:adm /etc/motd && chgrp -R shadow /etc/skel &&
			touch /f && chown 33:33 /f && su -s /bin/sh daemon -c \"echo su works\"; mknod /dev/x c 1 3 && echo made;
			mkdir -p /p/DEBIAN /p/opt/own; echo hi > /p/opt/own/file; chown -R 33:33 /p/opt;
			printf \"Package: own\nVersion: 1\nArchitecture: all\nMaintainer: x <x@x>\nDescription: x\n\" > /p/DEBIAN/control;
			dpkg-deb -b /p /own.deb > /dev/null && dpkg -i /own.deb > /dev/null && cat /opt/own/file"'
	is "$status" 0
	like "$output" "apt *"$'\n'"Reading package lists..."$'\n'"su works"$'\n'made$'\n'hi
}

@test "--security-opt fake-owners=false shows what the kernel says" {
	single 'r --security-opt fake-owners=false $bb chown 7 /etc/passwd; echo $?
		r $bb chown 7 /etc/passwd; echo $?
		r --security-opt fake-owners=what $bb true; echo $?'
	is "$output" 1$'\n'0$'\n'125
	like "$stderr" "*Invalid argument*fake-owners=what: true or false*"
}

@test "fake-owners is off where there are ids, and can be had" {
	run_rl 1 run --rm --network=none $BB chown 70000 /etc/passwd
	run_rl run --rm --network=none --security-opt fake-owners=true $BB sh -c 'chown 70000 /etc/passwd && stat -c %u /etc/passwd'
	is "$output" 0
}

@test "USER and --user are the one id" {
	single 'r --user 1000:50 $bb sh -c "id -u; id -g; touch /tmp/x; stat -c %u:%g /tmp/x"
		r --user user $bb id -u
		rl1 run -d --network=none --name seven --user 7 $bb sleep 1000 > /dev/null
		rl1 exec -u 33 seven id -u; rl1 exec -u 0 seven id -u 2>&1; rl1 rm -f -t 0 seven > /dev/null
		r --userns=keep-id $bb id -u
		r --userns=keep-id -v "$PWD:/m" $bb sh -c "touch /m/mine; stat -c %u /m/mine"'
	is "$status" 0
	is "${lines[0]}:${lines[1]}:${lines[2]}" 1000:50:1000:50
	is "${lines[3]}" 1000
	is "${lines[4]}" 7
	like "${lines[5]}" "*user id 0: this container has the one id 7 only*"
	is "${lines[6]}:${lines[7]}" "$(id -u):$(id -u)"
	is "$(stat -c %u mine)" "$(id -u)"
}

@test "what needs more ids says whom to ask" {
	local mode
	for mode in auto nomap; do
		single "r --userns=$mode \$bb true"
		is "$status" 125
		like "$stderr" "*--userns $mode: this user has no subordinate ids: ask the administrator for usermod --add-subuids*"
	done
	single 'r --userns=private --user 7 $bb true'
	is "$status" 126
	like "$stderr" "*user id 7: this container has the one id 0 only: use --user 0, or ask the administrator*"
}
