#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Which ids a container has, and who it believes to be: --userns, --uidmap, --hostuser, groups.

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() {
	common_setup
	unset PODMAN_USERNS
}
teardown() { common_teardown; }

run1() { run_rl run --rm --network=none "$@"; }
# The map lines without blanks: "0:1:1024".
map_of() { sed -E 's/^ +//; s/ +/:/g'; }

@test "--userns=auto: a range of its own for each, free again when the container goes" {
	rl run -d --name a --network=none --userns=auto $BB sleep 60
	rl run -d --name b --network=none --userns=auto:size=2000 $BB sleep 60
	# The image knows a user 2000.
	is "$(rl exec a cat /proc/self/uid_map | map_of)" 0:1:2001
	is "$(rl exec b cat /proc/self/uid_map | map_of)" 0:2002:2000
	is "$(rl exec b cat /proc/self/gid_map | map_of)" 0:2002:2000
	# Files of the image and new ones are root's, and nobody else's on the host.
	is "$(rl exec a sh -c 'touch /new; stat -c %u:%g /new /bin/busybox' | sort -u)" 0:0
	run_rl inspect -f '{{index .HostConfig.IDMappings.UidMap 0}}' b
	is "$output" 0:2002:2000
	# It stays its own while it is stopped.
	rl stop -t 0 b
	rl start b
	is "$(rl exec b cat /proc/self/uid_map | map_of)" 0:2002:2000
	is "$(rl exec b stat -c %u /bin/busybox)" 0
	rl rm -f -t 0 a
	run1 --userns=auto $BB cat /proc/self/uid_map
	is "$(map_of <<< "$output")" 0:1:2001
}

@test "--userns=auto: as many ids as the image's users and USER need" {
	run1 --userns=auto --user 3000 $BB cat /proc/self/uid_map
	is "$(map_of <<< "$output")" 0:1:3001
	run1 --userns=auto:uidmapping=500:0:1 --user 500 $BB sh -c 'cat /proc/self/uid_map; id -u'
	like "$output" "*500 *0 *1*500"
	run_rl 125 run --rm --network=none --userns=auto:size=100000 $BB true
	is_one_error
	like "$output" "*no 100000 ids*auto:size=N*usermod*"
	run_rl 125 run --rm --network=none --userns=auto:size=x $BB true
	like "$output" "*'size=x' is none of size=N*"
}

@test "--userns=auto: starts at once never share an id" {
	local n pids=()
	for n in 1 2 3 4 5 6; do
		rl create --name c$n --network=none --userns=auto $BB true > /dev/null 3>&- &
		pids+=($!)
	done
	wait "${pids[@]}"
	is "$(for n in 1 2 3 4 5 6; do rl inspect -f '{{index .HostConfig.IDMappings.UidMap 0}}' c$n; done |
		sort -u | wc -l)" 6
}

@test "without the user's own id $HOME may be closed to others" {
	chmod 0700 "$HOME"
	mkdir -m 0700 "$HOME/in"
	echo data > "$HOME/in/file"
	chmod 0644 "$HOME/in/file"
	chmod 0755 "$HOME/in"
	for mode in auto nomap keep-id private; do
		run1 --userns=$mode -v "$HOME/in:/m" $BB cat /m/file
		is "$output" data
	done
	run1 --userns=nomap -v "$HOME/in:/m:O" $BB sh -c 'cat /m/file'
	is "$output" data
	# A new volume is filled and given to the user of the container.
	run1 --userns=auto --user 7 -v vol:/etc:U $BB sh -c 'stat -c %u /etc; cat /etc/group | head -n 1'
	like "$output" 7$'\n'root*
	run_rl volume rm vol
}

@test "--userns=keep-id, nomap, private, host" {
	local me
	me=$(id -u)
	run1 --userns=keep-id $BB sh -c 'id -u; stat -c %u /bin/busybox'
	is "$output" "$me"$'\n'0
	run1 --userns=keep-id:uid=200,gid=210 $BB sh -c 'id -u; id -g; touch /tmp/x; stat -c %u:%g /tmp/x'
	is "$output" 200$'\n'210$'\n'200:210
	run1 --userns=keep-id:size=2000 $BB awk '{ n += $3 } END { print n }' /proc/self/uid_map
	is "$output" 2000
	run1 --userns=nomap $BB cat /proc/self/uid_map
	like "$(map_of <<< "$output")" 0:1:*
	for mode in host "" private; do
		run1 --userns="$mode" $BB sh -c 'id -u; stat -c %u /bin/busybox'
		is "$output" 0$'\n'0
	done
	run_rl 125 run --rm --network=none --userns=mine $BB true
	like "$output" "*--userns 'mine' is none of host*"
}

@test "--userns=container: and ns: have the ids and the files of the other one" {
	local pid
	rl run -d --name a --network=none --userns=auto $BB sleep 60
	pid=$(rl inspect -f '{{.State.Pid}}' a)
	for mode in container:a "ns:/proc/$pid/ns/user"; do
		run1 --userns="$mode" $BB sh -c 'readlink /proc/self/ns/user; stat -c %u /bin/busybox'
		is "$output" "$(rl exec a readlink /proc/self/ns/user)"$'\n'0
	done
	# One that has the session's ids is no reason to fail.
	rl run -d --name plain --network=none $BB sleep 60
	run1 --userns=container:plain $BB id -u
	is "$output" 0
	run_rl 125 run --rm --network=none --userns=container:none $BB true
	like "$output" "*no such container*"
	run_rl 125 run --rm --network=none --userns=ns:/nonexistent $BB true
	like "$output" "*ns:/nonexistent*"
}

@test "PODMAN_USERNS, then containers.conf, unless a map is asked for" {
	export CONTAINERS_CONF=$PWD/c.conf
	printf '[containers]\nuserns = "keep-id"\n' > c.conf
	run1 $BB id -u
	is "$output" "$(id -u)"
	export PODMAN_USERNS=nomap
	run1 $BB cat /proc/self/uid_map
	like "$(map_of <<< "$output")" 0:1:*
	run1 --userns=host $BB id -u
	is "$output" 0
	run1 --uidmap 0:0:5 $BB awk '{ n += $3 } END { print n }' /proc/self/uid_map
	is "$output" 5
}

@test "--uidmap and --gidmap: @ is the host, + keeps the rest, u and g choose" {
	run1 --uidmap 0:1:100 $BB cat /proc/self/uid_map /proc/self/gid_map
	is "$(map_of <<< "$output")" 0:1:100$'\n'0:1:100
	run1 --uidmap u0:1:100 $BB sh -c 'grep -c . /proc/self/uid_map; awk "{ n += \$3 } END { print (n > 100) }" /proc/self/gid_map'
	is "$output" 1$'\n'1
	run1 --uidmap "0:1:100" --uidmap "200:@$(id -u)" --user 200 -v "$PWD:/m" $BB sh -c 'id -u; touch /m/mine'
	is "$output" 200
	is "$(stat -c %u mine)" "$(id -u)"
	run1 --gidmap +500:3:1 $BB sh -c 'touch /x; chgrp 500 /x; stat -c %g /x; cat /proc/self/gid_map'
	like "$output" "500*500 * 3 * 1*"
	run_rl 125 run --rm --network=none --uidmap 5:1:10 $BB true
	like "$output" "*neither id 0 of the container nor your own*is mapped*add 0:1:1*"
	run_rl 126 run --rm --network=none --uidmap 0:1:10 --user 20 $BB true
	is_one_error
	like "$output" "*user id 20 is not mapped in this container: see /etc/subuid, --userns and --uidmap*"
	run_rl 125 run --rm --network=none --uidmap 0:1:10 --uidmap 5:50:10 $BB true
	like "$output" "*overlaps 0:1:10*"
	run_rl 125 run --rm --network=none --uidmap 0:@1:1 $BB true
	like "$output" "*1 is no id of this user*"
	run_rl 125 run --rm --network=none --uidmap 0:1:10 --userns=keep-id $BB true
	like "$output" "*exclude each other*"
}

@test "--subuidname: the ranges of subuid(5), if they are this user's" {
	run1 --subuidname "$(id -un)" $BB cat /proc/self/uid_map /proc/self/gid_map
	is "$(map_of <<< "$output" | sort -u)" "0:1:$(awk -F: -v u="$(id -un)" '$1 == u { print $3 }' /etc/subuid)"
	run_rl 125 run --rm --network=none --subuidname nobody-has-this $BB true
	like "$output" "*--subuidname nobody-has-this: /etc/subuid has no line for it*"
	run_rl 125 run --rm --network=none --subgidname x --userns=auto $BB true
	like "$output" "*exclude each other*"
}

@test "--hostuser: users of the host are in the container's passwd" {
	local me
	me=$(id -un)
	run1 --hostuser daemon --hostuser "$(id -u)" $BB grep -c "^daemon:\|^$me:" /etc/passwd
	is "$output" 2
	run1 --hostuser root $BB grep -c "^root:" /etc/passwd
	is "$output" 1
	run_rl 125 run --rm --network=none --hostuser no-such-user $BB true
	like "$output" "*--hostuser no-such-user: this host has no such user*"
}

@test "--passwd-entry and --group-entry say who an unknown user is" {
	run1 --user 4321:1234 --passwd-entry 'me:*:$UID:$GID:$NAME:/home/me:/bin/ash' \
		--group-entry 'us:x:$GID:' $BB sh -c 'id -un; id -gn; grep ^me: /etc/passwd'
	is "$output" me$'\n'us$'\n''me:*:4321:1234:container user:/home/me:/bin/ash'
	run1 --passwd=false --user 4321 $BB sh -c 'grep -c :4321: /etc/passwd || true'
	is "$output" 0
}

@test "--group-add: names of the image, numbers, and the user's own groups" {
	run1 --group-add daemon --group-add 777 $BB id -G
	like " $output " "* 777 *"
	run_rl 126 run --rm --network=none --group-add no-such-group $BB true
	like "$output" "*unable to find group no-such-group*"
	run_rl 125 run --rm --network=none --group-add keep-groups --group-add 5 $BB true
	like "$output" "*keep-groups stands alone*"
}
