#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# mount, unmount, image mount, image unmount: in the session's mount namespace.

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; RL="$ROOTLET --root $ROOT"; }
teardown() { rl umount -a > /dev/null 2>&1; rl image umount -a > /dev/null 2>&1; common_teardown; }

@test "mount: outside of unshare it says where to" {
	run_rl create --name m --network=none $BB true
	run_rl 125 mount m
	like "$output" "*rootlet unshare*"
	is_one_error
	run_rl 125 mount
	run_rl 125 image mount $BB
	like "$output" "*rootlet unshare*"
}

@test "mount: a created container, seen by it when it starts" {
	run_rl create --name m --network=none $BB sh -c 'cat /from-outside; echo back > /from-inside; sleep 100'
	run_rl unshare sh -c "p=\$($RL mount m) && cat \$p/etc/passwd && echo hello > \$p/from-outside"
	like "$output" "root:*"
	run_rl start m
	wait_for 5 rl exec m test -e /from-inside
	is "$(rl logs m)" hello
	run_rl unshare sh -c "cat \$($RL mount m)/from-inside; echo both > \$($RL mount m)/later"
	is "$output" back
	run_rl exec m cat /later
	is "$output" both
	run_rl umount m
	run_rl 125 umount m
	like "$output" "*not mounted*"
	run_rl umount -f m
	run_rl exec m cat /later
	is "$output" both
	run_rl stop -t 0 m
	run_rl unshare sh -c "cat \$($RL mount m)/later"
	is "$output" both
}

@test "mount: a running container, without what is mounted in it" {
	run_rl run -d --name m --network=none -v vol:/data $BB sh -c 'echo x > /data/f; echo x > /here; sleep 100'
	wait_for 5 rl exec m test -e /here
	run_rl unshare sh -c "cd \$($RL mount m) && cat here && ls data proc"
	is "$output" $'x\ndata:\n\nproc:'
	# Mounted all the while it stops, and when it starts again it is still one file system.
	run_rl restart -t 0 m
	wait_for 5 rl exec m test -e /data/f
	run_rl exec m sh -c 'echo again > /new'
	run_rl unshare sh -c "cat \$($RL mount m)/new"
	is "$output" again
}

@test "mount: the list, json, --all; rm takes the mount along" {
	run_rl create --name a --network=none $BB true
	id=$output
	run_rl create --name b --network=none $BB true
	run_rl unshare $RL mount
	is "$output" ""
	run_rl unshare $RL mount a
	is "$output" "$ROOT/containers/$id/merged"
	run_rl unshare $RL mount
	is "$output" "${id:0:12}  $ROOT/containers/$id/merged"
	run_rl unshare $RL mount --no-trunc
	is "$output" "$id  $ROOT/containers/$id/merged"
	run_rl unshare $RL mount --format json
	is "$(echo "$output" | jq -r '.[0] | .id, .Names[0], .mountpoint')" "$id"$'\na\n'"$ROOT/containers/$id/merged"
	run_rl unshare $RL mount --all
	is "${#lines[@]}" 2
	run_rl rm a
	run_rl unshare $RL rm b
	run_rl unshare $RL mount
	is "$output" ""
	run_rl 125 unshare $RL mount nothere
}

@test "mount: --userns=keep-id" {
	run_rl create --name k --network=none --userns=keep-id $BB sh -c 'stat -c %u /f; id -u'
	run_rl unshare sh -c "touch \$($RL mount k)/f"
	run_rl start -a k
	is "$output" "$(id -u)"$'\n'"$(id -u)"
}

@test "image mount: read-only, the list, unmount" {
	run_rl unshare $RL image mount $BB
	path=$output
	like "$path" "$ROOT/images/*/merged"
	run_rl unshare cat "$path/etc/passwd"
	run_rl 1 unshare touch "$path/x"
	like "$output" "*ead-only*"
	run_rl unshare $RL image mount
	is "$output" "$BB $path"
	run_rl unshare $RL image mount --format json
	is "$(echo "$output" | jq -r '.[0] | .Repositories[0], .mountpoint')" "$BB"$'\n'"$path"
	run_rl run --rm --network=none $BB true
	run_rl image umount $BB
	run_rl image umount $BB
	is "$output" ""
	run_rl unshare $RL image mount
	is "$output" ""
	run_rl 125 unshare $RL image mount nothere
	run_rl system check
}
