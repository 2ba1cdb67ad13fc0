#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The process that looks after a container: killed, left alone, asked too much.

load ../integration/lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

# The pid of a container's monitor: the parent of its init.
monitor_of() {
	awk '/^PPid:/ { print $2 }' "/proc/$(rl inspect --format '{{.State.Pid}}' "$1")/status"
}

fds_of() { ls "/proc/$1/fd" | wc -l; }

# private_of PID: kB of memory that is its own.
private_of() { awk '/^Private_/ { sum += $2 } END { print sum + 0 }' "/proc/$1/smaps_rollup"; }

is_small() {
	local kb
	kb=$(private_of "$(monitor_of "$1")")
	[ "$kb" -gt 0 ] && [ "$kb" -lt 700 ] || { echo "the monitor of $1 has $kb kB of its own"; return 1; }
}

is_gone() { ! kill -0 "$1" 2> /dev/null; }

@test "a killed monitor: the container has ended, and the next command says so" {
	run_rl run -d --name c $BB sh -c 'trap "" TERM; while :; do echo words; sleep 0.1; done'
	init=$(rl inspect --format '{{.State.Pid}}' c)
	kill -9 "$(monitor_of c)"
	wait_for 5 sh -c '! pgrep -u $(id -u) -x slirp4netns'
	run_rl ps -a --format '{{.Names}} {{.Exited}} {{.ExitCode}}'
	is "$output" "c true 137"
	wait_for 5 is_gone "$init"
	run_rl 137 wait c || is "$output" 137
	run_rl start c
	run_rl exec c true
	run_rl stop -t 0 c
	run_rl '?' events --since 1m --until 0s --filter event=died --format '{{.Name}}'
	like "$output" "*c*"
}

@test "a killed monitor of a container with --rm, a restart policy, a volume of its own" {
	run_rl run -d --rm --name once --network=none -v /v $BB sleep 1000
	run_rl run -d --restart=always --name always --network=none $BB sleep 1000
	kill -9 "$(monitor_of once)" "$(monitor_of always)"
	# What is killed dies when it is its turn.
	wait_for 5 sh -c '[ "$("$ROOTLET" --root "$ROOT" ps -a --format "{{.Names}} {{.Exited}}")" = "always true" ]'
	run_rl volume ls -q
	is "$output" ""
	run_rl start always
	run_rl rm -f -t 0 always
}

@test "init and monitor killed together, a command with both: nothing hangs" {
	run_rl run -d --name c --network=none $BB sleep 1000
	(run rl wait c; echo "$output" > waited) 3>&- &
	(run rl logs -f c; echo "$status" > followed) 3>&- &
	(run rl attach --no-stdin c; echo "$status" > attached) 3>&- &
	sleep 0.3
	kill -9 "$(monitor_of c)" "$(rl inspect --format '{{.State.Pid}}' c)"
	for f in waited followed attached; do wait_for 10 test -s $f; done
	is "$(cat waited)" 137
}

@test "a log that cannot be written costs lines, not the container" {
	run bash -c "ulimit -f 8; exec '$ROOTLET' --root '$ROOT' run -d --name c --network=none $BB sh -c 'dd if=/dev/zero bs=1000 count=200 2> /dev/null | tr \"\\0\" \"x\"; echo; echo last; exit 3'"
	is "$status" 0
	run_rl wait c
	is "$output" 3
	run_rl logs c
	[ "$(stat -c %s "$(rl inspect --format '{{.HostConfig.LogConfig.Path}}' c)")" -le 8192 ]
}

@test "a client that is killed leaves the container, its log and the next client alone" {
	"$ROOTLET" --root "$ROOT" run --name c --network=none -i $BB sh -c 'i=0; while :; do i=$((i+1)); echo line $i; sleep 0.05; done' > out 2>&1 < /dev/null 3>&- &
	client=$!
	wait_for 5 grep -q 'line 5' out
	kill -9 $client
	before=$(fds_of "$(monitor_of c)")
	for i in $(seq 20); do
		timeout -s KILL 0.1 "$ROOTLET" --root "$ROOT" attach --no-stdin c > /dev/null 2>&1 3>&- || true
		timeout -s KILL 0.05 "$ROOTLET" --root "$ROOT" exec c sleep 0.2 > /dev/null 2>&1 3>&- || true
	done
	sleep 0.5
	[ "$(fds_of "$(monitor_of c)")" -le "$before" ]
	rl logs c > log
	is "$(head -3 log)" $'line 1\nline 2\nline 3'
	# No line is missing.
	is "$(awk '{ if ($2 != NR) bad = 1 } END { print bad + 0 }' log)" 0
	run_rl stop -t 0 c
}

@test "many execs, attaches and checks: no descriptor and no memory more" {
	run_rl run -d --name c --network=none --restart=always --health-cmd 'echo fine' --health-interval 1s $BB sleep 1000
	for i in 1 2 3 4 5; do rl exec c true; done
	sleep 2
	pid=$(monitor_of c)
	fds=$(fds_of "$pid") kb=$(private_of "$pid")
	for i in $(seq "${MONITOR_EXECS:-150}"); do
		rl exec c true
		[ $((i % 10)) -ne 0 ] || timeout -s KILL 0.1 "$ROOTLET" --root "$ROOT" attach --no-stdin c > /dev/null 2>&1 3>&- || true
	done
	is "$(monitor_of c)" "$pid"
	sleep 1
	[ "$(fds_of "$pid")" -le "$((fds + 1))" ]
	[ "$(private_of "$pid")" -le $((kb + 64)) ] || { echo "$kb kB, then $(private_of "$pid") kB"; false; }
	is_small c
	run_rl '?' healthcheck run c
	run_rl stop -t 0 c
}

@test "what ends at once and is always started again: a small monitor, in no hurry, that stop ends" {
	run_rl run -d --name c --network=none --restart=always $BB true
	sleep 2
	run_rl inspect --format '{{.RestartCount}}' c
	[ "$output" -ge 1 ]
	[ "$output" -lt 60 ]
	pid=$(engine_processes | awk '/rootlet-monitor|run -d --name c/ { print $1; exit }')
	[ -n "$pid" ]
	[ "$(private_of "$pid")" -lt 900 ]
	run_rl stop -t 0 c
	run_rl ps -a --format '{{.Exited}}'
	is "$output" true
}
