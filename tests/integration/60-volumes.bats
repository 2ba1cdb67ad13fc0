#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Bind mounts, named and anonymous volumes, tmpfs, --mount, --volumes-from.

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; mkdir -p d; echo data > d/file; }
teardown() { common_teardown; }

@test "-v: a directory, read-write and read-only" {
	run_rl run --rm --network=none -v "$PWD/d:/m" $BB sh -c 'cat /m/file; echo new > /m/new'
	is "$output" data
	is "$(cat d/new)" new
	is "$(stat -c %u d/new)" "$(id -u)"
	run_rl 1 run --rm --network=none -v "$PWD/d:/m:ro" $BB touch /m/x
	like "$output" "*ead-only*"
}

@test "-v: a file, a path with spaces, a relative path" {
	run_rl run --rm --network=none -v "$PWD/d/file:/etc/motd:ro" $BB cat /etc/motd
	is "$output" data
	mkdir 'a b'
	echo space > 'a b/f'
	run_rl run --rm --network=none -v "$PWD/a b:/x y" $BB cat '/x y/f'
	is "$output" space
	run_rl run --rm --network=none -v ./d:/m $BB cat /m/file
	is "$output" data
}

@test "-v: what is not there is an error that names it" {
	run_rl '?' run --rm --network=none -v /no/such/dir:/m $BB true
	[ "$status" -ge 125 ]
	like "$output" "*/no/such/dir*"
	run_rl 125 run --rm --network=none -v "$PWD/d:/m:bogus" $BB true
	like "$output" "*bogus*"
	run_rl 125 run --rm --network=none -v "$PWD/d:relative" $BB true
	run_rl 125 run --rm --network=none -v "$PWD/d:/m" -v "$PWD:/m" $BB true
}

@test "-v: recursive read-only also covers mounts below" {
	run_rl run --rm --network=none -v /proc:/hostproc:ro $BB sh -c 'grep " /hostproc" /proc/self/mountinfo | grep -v " ro[, ]" | wc -l'
	is "$output" 0
}

@test "a named volume keeps its data and starts with the image's" {
	run_rl run --rm --network=none -v vol:/data $BB sh -c 'echo kept > /data/f'
	run_rl run --rm --network=none -v vol:/data $BB cat /data/f
	is "$output" kept
	run_rl run --rm --network=none -v copied:/etc $BB cat /etc/passwd
	like "$output" "root:*"
	run_rl volume ls -q
	like "$output" "*copied*"
	run_rl volume rm vol copied
	run_rl 1 volume rm no-such-volume
}

@test "an anonymous volume goes with --rm, stays without" {
	run_rl run --rm --network=none -v /anon $BB touch /anon/x
	run_rl volume ls -q
	is "$output" ""
	run_rl run --network=none --name keeps -v /anon $BB touch /anon/x
	run_rl volume ls -q
	is "${#output}" 64
	run_rl rm -v keeps
	run_rl volume ls -q
	is "$output" ""
}

@test "a volume in use cannot be removed" {
	run_rl create --network=none --name u -v used:/x $BB true
	run_rl 2 volume rm used
	like "$output" "*used*"
	run_rl rm u
	run_rl volume rm used
}

@test "volume create, inspect, ls, prune, exists" {
	run_rl volume create --label a=b mine
	is "$output" mine
	run_rl volume exists mine
	run_rl 1 volume exists other
	run_rl volume inspect --format '{{.Name}} {{.Driver}} {{index .Labels "a"}}' mine
	is "$output" "mine local b"
	run_rl volume inspect mine
	[ -d "$(echo "$output" | jq -r '.[0].Mountpoint')" ]
	run_rl 125 volume create mine || is_peer
	run_rl volume prune -f
	run_rl 1 volume exists mine
}

@test "--mount: bind, volume, tmpfs and their errors" {
	run_rl run --rm --network=none --mount "type=bind,src=$PWD/d,dst=/m,ro" $BB cat /m/file
	is "$output" data
	run_rl run --rm --network=none --mount type=volume,src=mv,target=/v $BB touch /v/x
	run_rl volume rm mv
	run_rl run --rm --network=none --mount type=tmpfs,destination=/t,tmpfs-size=1m,tmpfs-mode=700 $BB sh -c 'stat -c %a /t; stat -f -c %T /t'
	is "$output" $'700\ntmpfs'
	run_rl 125 run --rm --network=none --mount type=nonsense,dst=/x $BB true
	run_rl 125 run --rm --network=none --mount type=bind,dst=/x $BB true
	run_rl 125 run --rm --network=none --mount "type=bind,src=$PWD/d" $BB true
}

@test "--volumes-from" {
	run_rl create --network=none --name from -v "$PWD/d:/m" -v named:/n $BB true
	run_rl run --rm --network=none --volumes-from from $BB cat /m/file
	is "$output" data
	run_rl 1 run --rm --network=none --volumes-from from:ro $BB touch /n/x
	run_rl 125 run --rm --network=none --volumes-from no-such $BB true
	run_rl rm from
}

@test ":U gives the volume to the user of the container" {
	mkdir owned
	later "$(rl create --network=none -v "$PWD/owned:/o:U" $BB true 2>&1 || true)"
	run_rl run --rm --network=none --user 1000 -v "$PWD/owned:/o:U" $BB sh -c 'stat -c %u /o; touch /o/x'
	is "$output" 1000
	rl unshare rm -rf owned
}

@test ":O is a throw-away layer over the directory" {
	later "$(rl create --network=none -v "$PWD/d:/m:O" $BB true 2>&1 || true)"
	run_rl run --rm --network=none -v "$PWD/d:/m:O" $BB sh -c 'echo changed > /m/file; cat /m/file'
	is "$output" changed
	is "$(cat d/file)" data
}

@test "--userns=keep-id: files belong to the caller on both sides" {
	run_rl run --rm --network=none --userns=keep-id -v "$PWD/d:/m" $BB sh -c 'id -u; touch /m/mine; stat -c %u /m/file'
	is "$output" "$(id -u)"$'\n'"$(id -u)"
	is "$(stat -c %u d/mine)" "$(id -u)"
}

@test "a mount over a path that is a symbolic link in the image stays inside" {
	run_rl run --network=none --name s $BB ln -s /tmp /link
	run_rl run --rm --network=none -v "$PWD/d:/bin/../m" $BB cat /m/file
	is "$output" data
}

@test "mounts are private unless asked: propagation" {
	run_rl run --rm --network=none -v "$PWD/d:/m:rslave" $BB sh -c 'grep " /m " /proc/self/mountinfo'
	like "$output" "*master:*" || is_peer || true
	run_rl run --rm --network=none -v "$PWD/d:/m" $BB sh -c 'grep " /m " /proc/self/mountinfo'
	unlike "$output" "*shared:*"
}
