#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A home directory on NFS: no files of other owners, no overlay on it, no attributes of lists.

load ../../integration/lib/common

has_nfs() { grep -q ' /nfs nfs4 ' /proc/mounts; }
setup_file() { ! has_nfs || KEEP_SESSION=1 BATS_FILE_TMPDIR=/nfs/file common_setup_file; }
teardown_file() { ! has_nfs || KEEP_SESSION=1 BATS_FILE_TMPDIR=/nfs/file common_teardown_file; }
setup() {
	has_nfs || missing "NFS is not mounted at /nfs"
	common_setup
}
teardown() { ! has_nfs || common_teardown; }

@test "nfs: doctor says what it costs and what helps" {
	run_rl doctor
	like "$output" "*storage *on NFS*local disk*file owners *owners are recorded*"
	is "$(head -1 "$ROOT/driver")" fuse-overlayfs
}

@test "nfs: run, as root and as another user" {
	run_rl run --rm --network=none $BB sh -c 'touch /x && rm /bin/cat; ls /x /bin/cat; id -u'
	like "$output" $'*/bin/cat: No such file*/x\n0'
	# Nothing on the disk can be another user's: who has the one id has it all.
	run_rl run --rm --network=none --user 1000 -v vol:/v $BB sh -c 'id -u; touch /q /v/q; stat -c %u /q /v/q'
	is "${lines[*]}" "1000 1000 1000"
	run_rl run --rm --network=none -v vol:/v $BB sh -c 'chown 33 /v/q; stat -c %u /v/q'
	is "$output" 0
	# What dpkg does before it knows the mode: fuse-overlayfs opens the new directory, and the server refuses.
	run_rl --storage-driver vfs run --rm --network=none $BB sh -c 'umask 777; mkdir /z && chmod 755 /z && stat -c %a /z'
	is "$output" 755
}

@test "nfs: exec, diff, cp, commit" {
	run_rl run -d --network=none --name c $BB sh -c 'mkdir /dir; echo hi > /dir/new; rm /bin/cat; sleep 1000'
	wait_for 30 rl exec c sh -c '[ -e /dir/new ] && [ ! -e /bin/cat ]'
	is "$(rl diff c | grep -v /etc)" $'C /bin\nD /bin/cat\nA /dir\nA /dir/new'
	rl cp c:/dir/new new
	is "$(cat new)" hi
	rl cp new c:/dir/up
	run_rl commit -q c localhost/n
	run_rl rm -f -t 0 c
	run_rl 1 run --rm --network=none localhost/n sh -c 'ls /dir; ls /bin/cat'
	like "$output" $'new\nup\n*No such file*'
	# A layer of ours in which names are gone.
	run_rl run --network=none --name d localhost/n sh -c 'rm -r /dir; mkdir /dir; touch /dir/x'
	like "$(rl diff d)" $'*D /dir/new\nD /dir/up\nA /dir/x*'
	rl rm d
	rl rmi localhost/n
	run_rl system check
}
