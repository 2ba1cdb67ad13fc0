#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Processes of a container and ours that they can see, join or be asked to start.

load helpers
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; bait; }
teardown() { unbait; common_teardown; }

@test "CVE-2016-9962: who may ptrace in a joined pid namespace gets no look at a starting container" {
	# With shell builtins only: it looks thousands of times a second.
	run_rl run -d --network=none --name c --cap-add SYS_PTRACE --security-opt seccomp=unconfined $BB sh -c "
		while :; do for p in /proc/[2-9] /proc/[1-9][0-9]*; do
			[ ! -e \$p/root$BAIT-victim ] || { echo got > /got; exec sleep 1000; }; done; done"
	# The more there is to mount, the longer a start is under way.
	for i in $(seq 40); do set -- "$@" -v "$PWD:/m/$i"; done
	for args in --network=slirp4netns --network=none --userns=keep-id "--userns=keep-id --network=none" \
		--userns=container:c; do
		for i in 1 2; do run_rl run --rm --pid=container:c $args "$@" $BB true; done
	done
	for i in $(seq 5); do run_rl exec c true; done
	# ps is the host's, and what runs it has all capabilities.
	for i in $(seq 5); do
		run_rl top c aux
		like "$output" "*PID*sh -c*"
		unlike "$output" "*ps aux*"
	done
	run_rl 1 exec c cat /got
}

@test "CVE-2021-25743: file names, titles and labels of a container command no terminal and forge no line" {
	local bad='[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]'
	run_rl run -d --network=none --name c --label "l=$(printf 'a\033[2J\ncontainer forged')" \
		--health-cmd "printf 'h\\033[2J'" --health-interval 300s $BB sh -c '
		f=$(printf "/e\033[2J\302\2331m"); mkdir "$f"; cp /bin/busybox "$f/sleep"
		touch "$(printf "/x\nA /forged")"; exec -a "$(printf "t\033[2J\r/sleep")" "$f/sleep" 1000'
	wait_for 5 bash -c "'$ROOTLET' --root '$ROOT' top c | grep -q 1000"
	rl healthcheck run c
	for args in "diff c" "top c" "events --since 5m --until 0s --filter container=c" "container inspect c" \
		"ps --format {{.Labels}}" "inspect --format {{.State.Health.Log}} c"; do
		run rl_tty -- $args
		[ -n "$output" ]
		! LC_ALL=C grep -aqP "$bad" <<< "$(tr -d '\r' <<< "$output")" || { cat -v <<< "$output"; false; }
		[[ $args = ps* ]] || ! grep -qE '^(A /forged|container forged)' <<< "$output" ||
			{ echo "forged: $args"; false; }
	done
}

# memory_of SECONDS ARGS: the command with an output that nobody reads, killed then if it has not ended;
# prints its status and how much memory it has had at most, in MiB.
memory_of() {
	python3 - "$@" <<-'PY'
		import os, resource, subprocess, sys
		p = subprocess.Popen([os.environ["ROOTLET"], "--root", os.environ["ROOT"]] + sys.argv[2:],
		                     stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
		try: p.wait(float(sys.argv[1]))
		except subprocess.TimeoutExpired: p.kill(); p.wait()
		print(p.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10)
	PY
}

@test "CVE-2022-31030, CVE-2022-1708: endless output of exec and of a health check takes no memory" {
	need python3
	run_rl run -d --network=none --name c --health-cmd 'cat /dev/zero' --health-interval 300s \
		--health-timeout 1s $BB sleep 1000
	read -r status mib < <(memory_of 1 exec c cat /dev/zero)
	is "$status" -9
	[ "$mib" -lt 200 ]
	read -r status mib < <(memory_of 20 healthcheck run c)
	is "$status" 1
	[ "$mib" -lt 200 ]
	# What is kept of it is little, too.
	[ "$(rl inspect c | wc -c)" -lt 40000 ]
}

@test "CVE-2017-5226: the caller's terminal is not the container's, with -i and without" {
	need python3
	local probe='import fcntl, os
for fd in (0, 1, 2): print("tty" if os.isatty(fd) else "no-tty", end=" ")
for request in (0x5412, 0x541c):
    try: fcntl.ioctl(0, request, b"\x03"); print("injected", end=" ")
    except OSError: pass
try: os.open("/dev/tty", os.O_RDWR); print("controlled")
except OSError: print("free")'
	for args in "run --rm --network=none" "run --rm -i --network=none"; do
		run rl_tty -- $args host:/ python3 -c "$probe"
		like "$output" "*no-tty no-tty no-tty free*"
	done
	run_rl run -d --network=none --name c host:/ sleep 1000
	for args in exec "exec -i"; do
		run rl_tty -- $args c python3 -c "$probe"
		like "$output" "*no-tty no-tty no-tty free*"
	done
}

@test "CVE-2024-3056: shared memory has a size, and is gone with its container" {
	run_rl run -d --network=none --name c --shm-size 1m --ipc shareable $BB sleep 1000
	run_rl 1 exec c dd if=/dev/zero of=/dev/shm/x bs=64k count=100
	run_rl exec c stat -c %s /dev/shm/x
	[ "$output" -le 1048576 ]
	run_rl restart -t 0 c
	run_rl exec c ls /dev/shm
	is "$output" ""
}

@test "CVE-2023-30549: no file system of the user's making is given to the kernel" {
	truncate -s 1M disk
	for args in "type=ext4,src=$PWD/disk,dst=/m" "type=squashfs,src=$PWD/disk,dst=/m" \
		"type=volume,src=v,dst=/m,volume-opt=type=ext4,volume-opt=device=$PWD/disk"; do
		run_rl '?' run --rm --network=none --mount "$args" $BB true
		[ "$status" -ge 125 ] || { echo "taken: $args"; false; }
		is_one_error
	done
	run_rl '?' volume create --opt type=ext4 --opt "device=$PWD/disk" v
	[ "$status" -ne 0 ] || run_rl 125 run --rm --network=none -v v:/m $BB true
}

@test "CVE-2022-36109, CVE-2022-27650, CVE-2022-29162, CVE-2022-24769: groups and capabilities of exec" {
	run_rl run -d --network=none --name c --cap-add NET_RAW $BB sleep 1000
	run_rl exec --user user c id -G
	is "$(tr ' ' '\n' <<< "$output" | sort -n | tr '\n' ' ')" "10 1000 2000 "
	run_rl exec --user 1000:1000 c id -G
	is "$output" 1000
	run_rl exec c grep -cE '^Cap(Inh|Amb):.0{16}$' /proc/self/status
	is "$output" 2
	run_rl exec --privileged c grep -cE '^Cap(Inh|Amb):.0{16}$' /proc/self/status
	is "$output" 2
	# A user who is not root has what was asked for by name, and nothing of what root has.
	run_rl exec --user 1000 c grep CapEff /proc/self/status
	like "$output" *0000000000002000
}

@test "who sees the processes of the host reads no environment of the user's there" {
	need slirp4netns
	local pid
	# What serves the network has fewer capabilities than any container, so that one may look at it.
	SECRET_OF_USER=hush run_rl run -d --name c $BB sleep 1000
	pid=$(pgrep -u "$(id -u)" -n -x slirp4netns)
	run_rl run --rm --network=none --pid=host $BB sh -c "tr '\\0' '\\n' < /proc/$pid/environ; grep -l SECRET_OF_USER=hush /proc/[0-9]*/environ 2> /dev/null; true"
	like "$output" "PATH=*"
	unlike "$output" "*/environ*"
	unlike "$output" "*hush*"
}
