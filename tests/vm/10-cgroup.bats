#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cgroup v2 by delegation: limits, OOM, cleaning up.

load ../integration/lib/common
setup_file() { KEEP_SESSION=1; common_setup_file; }
teardown_file() { KEEP_SESSION=1; common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

@test "info and doctor see the delegation" {
	run_rl info --format json
	is "$(echo "$output" | jq -r '.host | .cgroupVersion, .cgroupManager')" $'v2\nsystemd'
	like "$(echo "$output" | jq -c '.host.cgroupControllers | sort')" '*"cpu","cpuset","io","memory","pids"*'
	run_rl '?' doctor
	like "$output" "*cgroups *version 2, delegated: *cpu *memory pids*storage driver *overlay in use*"
}

@test "memory, pids and cpu limits arrive" {
	run_rl run --rm --network=none --memory 64m $BB cat /sys/fs/cgroup/memory.max
	is "$output" 67108864
	run_rl run --rm --network=none --pids-limit 33 $BB cat /sys/fs/cgroup/pids.max
	is "$output" 33
	run_rl run --rm --network=none --cpus 0.5 $BB cat /sys/fs/cgroup/cpu.max
	is "$output" "50000 100000"
	run_rl run --rm --network=none --cpu-shares 512 $BB cat /sys/fs/cgroup/cpu.weight
	is "$output" 20
	run_rl run --rm --network=none --memory 64m --memory-swap 64m $BB cat /sys/fs/cgroup/memory.swap.max
	is "$output" 0
	run_rl run --rm --network=none --memory-reservation 32m $BB cat /sys/fs/cgroup/memory.low
	is "$output" 33554432
}

@test "the default pids limit is 2048" {
	run_rl run --rm --network=none $BB cat /sys/fs/cgroup/pids.max
	is "$output" 2048
}

@test "the container sees its own cgroup as the root" {
	run_rl run --rm --network=none $BB cat /proc/self/cgroup
	is "$output" "0::/"
}

@test "a fork bomb stops at the pids limit" {
	run_rl '?' run --rm --network=none --pids-limit 20 $BB sh -c 'for i in $(seq 50); do sleep 2 & done; wait; true'
	like "$output" "*fork*"
}

@test "out of memory: 137, and inspect says why" {
	run_rl 137 run --network=none --name oom --memory 20m --memory-swap 20m $BB \
		sh -c 'dd if=/dev/zero of=/dev/null bs=100M count=1; exit $?'
	run_rl inspect --format '{{.State.OOMKilled}} {{.State.ExitCode}}' oom
	is "$output" "true 137"
}

@test "the cgroup of a container is gone after it" {
	run_rl run -d --network=none --name c $BB sleep 1000
	pid=$(rl inspect --format '{{.State.Pid}}' c)
	group=/sys/fs/cgroup$(cut -d: -f3 "/proc/$pid/cgroup")
	[ -d "$group" ]
	like "$group" "*user@$(id -u).service*"
	run_rl rm -f -t 0 c
	wait_for 10 test ! -e "$group"
}

@test "the scope appears, freezes and disappears" {
	run_rl run -d --network=none --name s $BB sleep 1000
	id=$(rl inspect --format '{{.Id}}' s)
	unit=rootlet-$id.scope
	is "$(systemctl --user is-active "$unit")" active
	is "$(systemctl --user show -P Delegate "$unit")" yes
	run_rl inspect --format '{{.HostConfig.CgroupManager}}' s
	is "$output" systemd
	pid=$(rl inspect --format '{{.State.Pid}}' s)
	group=/sys/fs/cgroup$(cut -d: -f3 "/proc/$pid/cgroup")
	like "$group" "*/$unit/container"
	run_rl exec s cat /proc/self/cgroup
	is "$output" "0::/"
	run_rl pause s
	like "$(cat "$group/cgroup.events")" "*frozen 1*"
	run_rl unpause s
	like "$(cat "$group/cgroup.events")" "*frozen 0*"
	run_rl rm -f -t 0 s
	wait_for 10 sh -c "! systemctl --user is-active --quiet $unit"
	wait_for 10 test ! -e "${group%/container}"
}

@test "--cgroup-parent names a slice" {
	run_rl run -d --network=none --name p --cgroup-parent app.slice $BB sleep 1000
	pid=$(rl inspect --format '{{.State.Pid}}' p)
	like "$(cat "/proc/$pid/cgroup")" "*/app.slice/rootlet-*.scope/container"
	run_rl rm -f -t 0 p
}

@test "--cgroup-conf, cpusets and device rates arrive" {
	run_rl run --rm --network=none --cgroup-conf memory.high=30000000 $BB cat /sys/fs/cgroup/memory.high
	is "$output" 29999104
	run_rl run --rm --network=none --cpuset-cpus 0 $BB cat /sys/fs/cgroup/cpuset.cpus
	is "$output" 0
	run_rl run --rm --network=none --device-read-bps /dev/vda:1m $BB cat /sys/fs/cgroup/io.max
	like "$output" "*rbps=1048576*"
}

@test "what cannot be had is refused in one line" {
	run_rl 125 run --rm --network=none --cgroups=disabled --memory 20m $BB true
	like "$output" "*--memory needs a cgroup*"
	run_rl 126 run --rm --network=none --cgroup-parent /init.scope --memory 20m $BB true
	like "$output" "*--memory*"
	run_rl '?' run --rm --network=none --cgroup-conf cgroup.procs=1 $BB true
	[ "$status" -ge 125 ]
	[ -z "$(systemctl --user list-units --no-legend 'rootlet-*.scope')" ] || wait_for 10 sh -c \
		"[ -z \"\$(systemctl --user list-units --no-legend 'rootlet-*.scope')\" ]"
}

@test "a payload that manages its cgroup: exec and health checks go to its init, all of it is removed" {
	run_rl run -d --network=none --systemd=always --cgroups=no-conmon --name m --health-cmd true $BB sh -c '
		cd /sys/fs/cgroup; mkdir -p init.scope/deep; echo 1 > init.scope/cgroup.procs
		echo +memory > cgroup.subtree_control && touch /tmp/split; exec sleep 1000'
	wait_for 20 rl exec m test -e /tmp/split
	run_rl exec m cat /proc/self/cgroup
	is "$output" 0::/init.scope
	run_rl healthcheck run m
	group=/sys/fs/cgroup$(rl inspect --format '{{.State.CgroupPath}}' m)
	[ -d "$group/init.scope/deep" ]
	run_rl rm -f -t 0 m
	[ ! -e "$group" ]
}

@test "--cgroups=disabled makes none" {
	run_rl run --rm --network=none --cgroups=disabled $BB true
}

@test "stop ends every process of the container" {
	run_rl run -d --network=none --name many $BB sh -c 'for i in 1 2 3 4 5; do sleep 987654 & done; wait'
	sleep 1
	run_rl stop -t 0 many
	run ! pgrep -f 'sleep 987654'
}

@test "update: limits of a running container change at once, stay, and can be taken away" {
	run_rl run -d --network=none --name u --memory 64m $BB sleep 1000
	run_rl update --memory 128m --memory-swap 128m --pids-limit 44 --cpus 0.5 --cpu-shares 512 u
	is "$(rl exec u sh -c 'cd /sys/fs/cgroup; cat memory.max memory.swap.max pids.max cpu.max cpu.weight' | tr '\n' ' ')" \
		"134217728 0 44 50000 100000 20 "
	is "$(rl inspect --format '{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}} {{.HostConfig.NanoCpus}}' u)" "134217728 44 500000000"
	run_rl update --memory 0 --memory-swap 0 --cpu-quota -1 --pids-limit -1 u
	is "$(rl exec u sh -c 'cd /sys/fs/cgroup; cat memory.max pids.max cpu.max' | tr '\n' ' ')" "max max max 100000 "
	run_rl update --memory 96m u
	run_rl restart -t 0 u
	is "$(rl exec u cat /sys/fs/cgroup/memory.max)" 100663296
	run_rl rm -f -t 0 u
}
