#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# create, start, stop, kill, restart, wait, rm, ps, inspect, container prune.

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }


@test "create, start, the states between" {
	run_rl create --network=none --name c $BB sleep 1000
	is "$(state c)" created
	run_rl start c
	is "$output" c
	is "$(state c)" running
	run_rl stop -t 0 c
	is "$(state c)" exited
	run_rl start c
	is "$(state c)" running
	run_rl start c
}

@test "start -a gives output and exit code; start -ai stdin" {
	run_rl create --network=none --name a $BB sh -c 'echo out; exit 8'
	run_rl 8 start -a a
	is "$output" out
	run_rl create -i --network=none --name i $BB cat
	is "$(echo in | rl start -ai i)" in
}

@test "the writable layer stays between starts" {
	run_rl run --network=none --name w $BB sh -c 'cat /mark 2>/dev/null; echo was-here > /mark'
	is "$output" ""
	run_rl start -a w
	is "$output" was-here
}

@test "kill: a signal by name and number, a stopped container" {
	run_rl run -d --network=none --name k $BB sh -c 'trap "exit 11" USR1; while :; do sleep 0.1; done'
	sleep 0.3
	run_rl kill -s USR1 k
	run_rl wait k
	is "$output" 11
	run_rl '?' kill k
	[ "$status" -ne 0 ]
	run_rl run -d --network=none --name k9 $BB sleep 1000
	run_rl kill --signal 9 k9
	run_rl wait k9
	is "$output" 137
	run_rl 125 kill -s NOSUCHSIG k9
}

@test "stop: gentle first, then not; stopping twice is fine" {
	run_rl run -d --network=none --name s $BB sh -c 'trap "exit 0" TERM; while :; do sleep 0.1; done'
	sleep 0.3
	run_rl stop s
	run_rl inspect --format '{{.State.ExitCode}}' s
	is "$output" 0
	run_rl stop s
	run_rl 125 stop no-such
}

@test "restart gives a new process" {
	run_rl run -d --network=none --name r $BB sleep 1000
	a=$(rl inspect --format '{{.State.Pid}}' r)
	run_rl restart -t 0 r
	b=$(rl inspect --format '{{.State.Pid}}' r)
	[ "$a" != "$b" ]
	is "$(state r)" running
}

@test "wait: several, before and after the end" {
	run_rl run -d --network=none --name w1 $BB sh -c 'sleep 1; exit 3'
	run_rl run -d --network=none --name w2 $BB sh -c 'exit 4'
	run_rl wait w1 w2
	is "$output" $'3\n4'
	run_rl 125 wait no-such
}

@test "rm: running is refused, -f does it, several, -a, --ignore" {
	run_rl run -d --network=none --name run $BB sleep 1000
	run_rl 2 rm run
	like "$output" "*run*"
	run_rl rm -f -t 0 run
	run_rl 1 rm run
	run_rl rm --ignore run
	run_rl create --network=none --name a $BB true
	run_rl create --network=none --name b $BB true
	run_rl rm a b
	run_rl create --network=none --name c $BB true
	run_rl rm -a
	run_rl ps -aq
	is "$output" ""
}

@test "rm by ambiguous prefix is refused" {
	ids=()
	for i in $(seq 20); do ids+=("$(rl create --network=none $BB true)"); done
	# With twenty ids two share their first digit.
	p=$(printf '%s\n' "${ids[@]}" | cut -c1 | sort | uniq -d | head -1)
	run_rl '?' rm "$p"
	[ "$status" -ne 0 ]
	is "$(rl ps -aq | wc -l)" 20
}

@test "ps: table, filters, sort, json, quiet, last" {
	run_rl run -d --network=none --name up --label kind=x $BB sleep 1000
	run_rl run --network=none --name down $BB sh -c 'exit 3' || [ "$status" = 3 ]
	run_rl ps
	like "${lines[0]}" "CONTAINER ID*IMAGE*COMMAND*CREATED*STATUS*PORTS*NAMES*"
	is "${#lines[@]}" 2
	run_rl ps -a --format '{{.Names}}' --filter status=exited
	is "$output" down
	run_rl ps -a --format '{{.Names}}' --filter exited=3
	is "$output" down
	run_rl ps -a --format '{{.Names}}' --filter name=up
	is "$output" up
	run_rl ps -a --format '{{.Names}}' --filter ancestor=$BB --sort names
	is "$output" $'down\nup'
	run_rl ps -a --format '{{.Names}}' -n 1
	is "$output" down
	run_rl ps -a --format json
	is "$(echo "$output" | jq -r 'sort_by(.Names[0]) | .[1].State')" running
	run_rl ps --format 'table {{.Names}}\t{{.Image}}'
	like "${lines[0]}" "NAMES*IMAGE*"
	run_rl '?' ps --filter nonsense=1
	[ "$status" -ne 0 ]
	run_rl '?' ps --format '{{.NoSuchField}}'
	[ "$status" -ne 0 ]
}

@test "inspect: the fields programs read" {
	run_rl run -d --network=none --name i -e A=b -w /tmp --user 1000 --hostname hh -v /anon $BB sleep 1000
	run_rl inspect i
	j=$output
	jq -e '.[0] | .Id and .Created and .Image and .ImageName and .Path == "sleep" and .Args == ["1000"]' <<< "$j"
	jq -e '.[0].State | .Running == true and .Pid > 1 and .StartedAt and .Status == "running"' <<< "$j"
	jq -e '.[0].Config | .Hostname == "hh" and .User == "1000" and .WorkingDir == "/tmp" and (.Env | index("A=b"))' <<< "$j"
	jq -e '.[0].Mounts | length == 1 and .[0].Destination == "/anon" and .[0].Type == "volume"' <<< "$j"
	jq -e '.[0].HostConfig.NetworkMode == "none"' <<< "$j"
	jq -e '.[0].Name | ltrimstr("/") == "i"' <<< "$j"
	run_rl 125 inspect no-such-thing
	is "${lines[0]}" "[]" || like "$output" "*no such*"
}

@test "a container whose monitor was killed is seen as it is, and can be removed" {
	is_peer && skip "about rootlet"
	run_rl run -d --network=none --name m $BB sleep 1000
	pid=$(rl inspect --format '{{.State.Pid}}' m)
	parent=$(awk '/^PPid:/ { print $2 }' "/proc/$pid/status")
	kill -9 "$parent"
	sleep 0.3
	run_rl '?' inspect --format '{{.State.Status}}' m
	run_rl rm -f -t 0 m
	run_rl 1 container exists m
	wait_for 5 sh -c "! kill -0 $pid 2>/dev/null"
	run_rl run --rm --network=none --name m $BB true
}

@test "kill -9 of run itself leaves a container that can be removed" {
	"$ROOTLET" --root "$ROOT" run --network=none --name o $BB sh -c 'echo up; sleep 1000' > out 2>&1 3>&- &
	pid=$!
	wait_for 10 grep -q up out
	kill -9 $pid
	wait $pid || true
	run_rl rm -f -t 0 o
}

@test "container prune takes the stopped ones" {
	run_rl run -d --network=none --name stays $BB sleep 1000
	run_rl create --network=none --name goes $BB true
	run_rl container prune -f
	run_rl container exists stays
	run_rl 1 container exists goes
}

@test "50 runs, 8 at a time" {
	seq 50 | xargs -P 8 -I{} "$ROOTLET" --root "$ROOT" run --rm --network=none $BB echo line-{} > out 3>&-
	is "$(sort -u out | wc -l)" 50
	run_rl ps -aq
	is "$output" ""
}

@test "one name, 8 at once: one winner" {
	seq 8 | xargs -P 8 -I{} sh -c "'$ROOTLET' --root '$ROOT' create --network=none --name only $BB true > /dev/null 2>&1 3>&- && echo won" > out || true
	is "$(wc -l < out)" 1
}

@test "create --replace, run --replace" {
	run_rl run -d --network=none --name x --stop-signal KILL $BB sleep 1000
	a=$output
	run_rl run -d --network=none --name x --replace $BB sleep 1000
	[ "$output" != "$a" ]
	is "$(rl ps -aq | wc -l)" 1
}
