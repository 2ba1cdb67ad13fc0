#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Options that mount: the same place twice, odd words, devices, shared memory, the files of /etc.

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

refused() {	# PATTERN OPTIONS...
	local pattern=$1
	shift
	run_rl 125 run --rm --network=none "$@" $BB true
	like "${lines[0]}" "rootlet: $pattern"
}

@test "the same mount twice is one, another at its place is refused" {
	mkdir d
	run_rl run --rm --network=none -v "$PWD/d:/x" -v "$PWD/d:/x" --mount "type=bind,src=$PWD/d,dst=/x" --tmpfs /t --tmpfs /t \
		-v /anon -v /anon $BB sh -c 'grep -c " /x \| /t \| /anon " /proc/mounts'
	is "$output" 3
	run_rl volume ls -q
	is "$output" ""
	refused "/x: duplicate mount destination" -v "$PWD/d:/x" -v "$PWD/d:/x:ro"
	refused "/x: duplicate mount destination" -v /x -v /x/
	refused "/t: duplicate mount destination" --tmpfs /t --tmpfs /t:size=1m
	refused "*type= is given twice" --mount "type=bind,type=tmpfs,dst=/x"
}

@test "a word of a mount is said once" {
	mkdir d
	for o in ro,ro rw,rw U,U ro,rw; do
		refused "--volume $PWD/d:/x:$o: '${o#*,}': expected*" -v "$PWD/d:/x:$o"
	done
	refused "--volume $PWD/d:/x:: invalid option type \"\"*" -v "$PWD/d:/x:"
	run_rl run --rm --network=none -v "$PWD/d:/x:nocopy" $BB true
}

@test "--mount is a line of comma-separated values: quotes keep a comma" {
	mkdir 'a,b'; echo yes > 'a,b/f'
	run_rl run --rm --network=none --mount 'type=bind,"src=a,b",dst=/x' $BB cat /x/f
	is "$output" yes
	rl create --network=none --name from --mount 'type=bind,"src=a,b","dst=/y ""z"""' $BB true
	run_rl run --rm --network=none --volumes-from from:ro $BB sh -c 'cat "/y \"z\"/f"; touch "/y \"z\"/g" || echo ro'
	like "$output" "*yes*ro*"
	rl rm from
	refused "--mount *closed quotes*" --mount 'type=bind,"src=a,b,dst=/x'
}

@test "--device: lists, directories, and what is none" {
	mkdir empty
	run_rl run --rm --network=none --device '' --device /dev/zero:/dev/zz,/dev/full:/dev/ff $BB sh -c \
		'test -c /dev/zz -a -c /dev/ff && echo yes'
	is "$output" yes
	if [ -c /dev/net/tun ]; then
		run_rl run --rm --network=none --device /dev/net:/dev/mine $BB ls /dev/mine
		like "$output" "*tun*"
	fi
	refused "*--device: no devices found in $PWD/empty*" --device "$PWD/empty"
	refused "*--device: /etc/passwd is not a valid device*" --device /etc/passwd
	refused "*--device /dev/null:x: invalid device mode: x*" --device /dev/null:x
}

@test "--ipc: container:NAME shares /dev/shm, private and none do not" {
	rl run -d --network=none --name shares $BB sleep 1000
	rl run -d --network=none --name alone --ipc=private $BB sleep 1000
	rl exec shares sh -c 'echo seen > /dev/shm/f'
	run_rl run --rm --network=none --ipc container:shares $BB sh -c 'cat /dev/shm/f; echo back > /dev/shm/g; ls -d /dev/mqueue'
	is "$output" "seen
/dev/mqueue"
	run_rl exec shares cat /dev/shm/g
	is "$output" back
	run_rl '?' run --rm --network=none --ipc container:alone $BB true
	is "$status" 126
	like "$output" "*container alone does not share its ipc namespace*--ipc=shareable*"
	run_rl 1 run --rm --network=none --ipc none $BB ls /dev/shm
	refused "--shm-size: cannot set shmsize*" --ipc host --shm-size 1m
	refused "*--ipc ns:/nosuch: cannot find specified namespace path*" --ipc ns:/nosuch
	rl rm -ft0 shares alone
}

@test "--ipc container:NAME: a link at /dev/shm leads nowhere" {
	rl run -d --network=none --name evil --privileged $BB sh -c \
		'umount /dev/shm && rmdir /dev/shm && ln -s /etc /dev/shm && touch /ready; sleep 1000'
	wait_for 5 rl exec evil test -e /ready
	run_rl 126 run --rm --network=none --ipc container:evil $BB ls /dev/shm
	like "$output" "*clone /dev/shm of the container: *symbolic links*"
	rl rm -ft0 evil
}

@test "--no-hosts, --no-hostname, --dns none: the image's own file, or none" {
	run_rl run --rm --no-hosts --no-hostname --dns none $BB sh -c 'ls /etc; readlink /etc/mtab'
	is "$output" "group
mtab
passwd
/proc/mounts"
	rl run --name own --network=none $BB true
	cid=$(rl create --network=none --no-hosts $BB cat /etc/hosts)
	echo "1.2.3.4 image" > hosts
	rl cp hosts "$cid:/etc/hosts"
	run_rl start -a "$cid"
	is "$output" "1.2.3.4 image"
	run_rl run --rm --network=none $BB ls /etc/hosts
	rl rm own "$cid"
}

@test "a port that cannot be had: the start fails, not the making" {
	[ "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)" -gt 80 ] || skip "port 80 is free for all here"
	run_rl 126 run --rm -p 80:80 $BB true
	like "$output" "*port 80/tcp*sysctl net.ipv4.ip_unprivileged_port_start=80"
	rl create --name c -p 80:80 -p 1234 $BB true
	run_rl '?' start c
	is "$status" 125
	rl rm c
}

@test "--read-only: the engine's own files of /etc are read-only as well" {
	run_rl run --rm --network=none --read-only $BB sh -c 'exec 2>&1; touch /etc/hosts; touch /etc/hostname; touch /run/x && echo run'
	is "$output" "touch: /etc/hosts: Read-only file system
touch: /etc/hostname: Read-only file system
run"
}

@test "a group that the image does not know has a line, for root as well" {
	run_rl run --rm --network=none --user 0:4321 $BB sh -c 'tail -1 /etc/group; grep -c : /etc/passwd'
	like "${lines[0]}" "4321:x:4321:*"
	run_rl run --rm --network=none $BB sh -c 'grep -c : /etc/passwd'
	n=$output
	run_rl run --rm --network=none --user 0:4321 $BB grep -c : /etc/passwd
	is "$output" "$n"
}

@test "--network container:NAME: its names and name servers" {
	rl run -d --network=slirp4netns:cidr=10.7.0.0/24 --name owner --add-host extra:1.2.3.4 $BB sleep 1000
	run_rl run --rm --network=container:owner --name guest $BB cat /etc/hosts /etc/resolv.conf
	like "$output" "*1.2.3.4*extra*10.7.0.100*owner*host.containers.internal*127.0.0.1*guest*nameserver 10.7.0.3*"
	is "$(grep -c host.containers.internal <<< "$output")" 1
	run_rl run --rm --network=container:owner --hosts-file none $BB grep -c extra /etc/hosts || :
	is "$output" 0
	rl rm -ft0 owner
}
