#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# exec, attach and top: into a running container.

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; rl run -d --network=none --name c -e FROM=config --hostname box $BB sleep 1000; }
teardown() { common_teardown; }

@test "exec: output, exit code, environment, directory, user" {
	run_rl exec c echo hi
	is "$output" hi
	run_rl 7 exec c sh -c 'exit 7'
	run_rl exec -e MORE=yes c sh -c 'echo $FROM $MORE $HOSTNAME $HOME'
	like "$output" "config yes*"
	run_rl exec -w /tmp c pwd
	is "$output" /tmp
	run_rl exec --user 1000 c id -u
	is "$output" 1000
	run_rl exec --user user c sh -c 'id -g; echo $HOME'
	is "$output" $'1000\n/home/user'
}

@test "exec: the namespaces of the container, and its limits" {
	run_rl exec c hostname
	is "$output" box
	run_rl exec c sh -c 'cat /proc/1/cmdline | tr "\0" " "'
	like "$output" "sleep 1000*"
	for ns in ipc mnt net pid uts user cgroup; do
		is "$(rl exec c readlink "/proc/self/ns/$ns")" "$(rl exec c readlink "/proc/1/ns/$ns")" "$ns"
	done
	is "$(rl exec c grep CapEff /proc/self/status)" "$(rl exec c grep CapEff /proc/1/status)"
	is "$(rl exec c grep Seccomp: /proc/self/status)" "$(rl exec c grep Seccomp: /proc/1/status)"
	run_rl exec --privileged c grep CapEff /proc/self/status
	is "${output##*	}" 000001ffffffffff || is_peer
}

@test "exec: stdin with -i, end of file without" {
	is "$(echo in | rl exec -i c cat)" in
	is "$(echo in | rl exec c cat)" ""
	head -c 3000000 /dev/urandom > big
	rl exec -i c cat < big | cmp - big
	rl exec c sh -c 'echo out; echo err >&2' > o 2> e
	is "$(cat o)$(cat e)" outerr
}

@test "exec: 126, 127, 125, a stopped container" {
	run_rl 127 exec c no-such-program
	run_rl 126 exec c /etc/passwd
	run_rl 125 exec no-such-container true
	run_rl stop -t 0 c
	run_rl '?' exec c true
	[ "$status" -ge 125 ]
	like "$output" "*running*"
}

@test "exec -d goes on by itself" {
	run_rl exec -d c sh -c 'sleep 0.2; echo done > /tmp/mark'
	wait_for 10 rl exec c cat /tmp/mark
}

@test "exec: 20 at once" {
	for i in $(seq 20); do
		rl exec c sh -c "echo $i" > "o$i" 3>&- &
		pids[$i]=$!
	done
	for i in $(seq 20); do
		wait "${pids[$i]}"
		is "$(cat "o$i")" "$i"
	done
}

@test "exec -t: a terminal of the right size that follows" {
	run rl_tty -s 31x71 -- exec -it c sh -c 'stty size; tty; exit 3'
	echo "$output"
	is "$status" 3
	like "$output" "*31 71*"
	run rl_tty -s 31x71 expect=ready size=20x40 sleep=0.5 'send=\n' -- exec -it c sh -c 'echo ready; read x; stty size'
	echo "$output"
	like "$output" "*20 40*"
}

@test "exec: --env-file, --detach-keys" {
	printf 'FF=1\n' > f
	run_rl exec --env-file f c sh -c 'echo $FF'
	is "$output" 1
	run rl_tty expect=ready 'send=\x10' sleep=0.3 'send=\x11' -- exec -it c sh -c 'echo ready; sleep 1000'
	echo "$output"
	[ "$status" -ne 124 ]
}

@test "exec ends with the container" {
	rl exec c sleep 1000 > /dev/null 2>&1 3>&- &
	pid=$!
	sleep 0.5
	run_rl stop -t 0 c
	code=0
	wait $pid || code=$?
	[ "$code" -ne 0 ]
}

@test "attach: output, stdin, exit code" {
	run_rl run -d -i --network=none --name a $BB sh -c 'while read x; do echo "got $x"; [ "$x" = end ] && exit 6; done'
	code=0
	printf 'one\nend\n' | rl attach a > out || code=$?
	is $code 6 || is_peer
	is "$(cat out)" $'got one\ngot end'
}

@test "attach and detach by keys" {
	run_rl run -dit --network=none --name t $BB sh -c 'echo up; while read x; do echo "got $x"; done'
	run rl_tty 'send=hello\n' 'expect=got hello' 'send=\x10' sleep=0.3 'send=\x11' -- attach t
	echo "$output"
	is "$status" 0
	run_rl inspect --format '{{.State.Running}}' t
	is "$output" true
	run rl_tty 'send=again\n' 'expect=got again' 'send=qq' -- attach --detach-keys q,q t
	echo "$output"
	is "$status" 0
	run_rl inspect --format '{{.State.Running}}' t
	is "$output" true
	# Who comes back is shown the prompt, though the size is what it was: the program is told to draw.
	rl run -dit --network=none --name sh $BB sh -c 'trap "echo drawn" WINCH; while :; do sleep 0.1; done'
	run rl_tty expect=drawn 'send=\x10\x11' -- attach sh
	is "$status" 0
	run rl_tty expect=drawn 'send=\x10\x11' -- attach sh
	is "$status" 0
	rl rm -f -t 0 sh
}

@test "run -it: the terminal goes away, the container lives on or ends" {
	run rl_tty -t 10 expect=ready hangup -- run -it --network=none --name h $BB sh -c 'echo ready; sleep 1000'
	wait_for 10 rl container exists h
}

@test "top: ps columns of the container" {
	run_rl top c
	like "${lines[0]}" "USER*PID*PPID*COMMAND*"
	like "$output" "*root*sleep 1000*"
	run_rl top c pid comm
	like "${lines[0]}" "PID*COMMAND*"
	like "${lines[1]}" "1*sleep*"
	run_rl stop -t 0 c
	run_rl 125 top c
}
