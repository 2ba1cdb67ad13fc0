#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# logs: what a container said, in order, by line, since when.

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

@test "logs: stdout to stdout, stderr to stderr" {
	run_rl run --network=none --name l $BB sh -c 'echo out; echo err >&2; echo last'
	rl logs l > o 2> e
	is "$(cat o)" $'out\nlast'
	is "$(cat e)" err
}

@test "logs: --tail, -n, -t, --names" {
	run_rl run --network=none --name l $BB seq 10
	run_rl logs --tail 3 l
	is "$output" $'8\n9\n10'
	run_rl logs -n --tail 2 l
	is "$output" $'9\n10'
	run_rl logs -t --tail 1 l
	like "$output" "20??-??-??T??:??:??* 10"
	# Of several: whose line it is, each on a line of its own; and all are there, or nothing is shown.
	id=$(rl run -d --network=none --name m $BB printf part)
	rl wait m
	is "$(rl logs --tail 1 m l)" "${id:0:12} part"$'\n'"$(rl ps -aq --filter name=l) 10"
	is "$(rl logs -n --tail 1 m l)" $'m part\nl 10'
	is "$(rl logs --color m)" $'\033[37mpart\033[0m'
	run_rl 125 logs l no-such
	is_one_error
}

@test "logs: --since and --until" {
	run_rl run --network=none --name l $BB sh -c 'echo early; sleep 2; echo late'
	first=$(rl logs -t l | awk 'NR == 1 { print $1 }')
	mid=$(date -u -d "$first + 1 second" +%Y-%m-%dT%H:%M:%S.%NZ)
	run_rl logs --since "$mid" l
	is "$output" late
	run_rl logs --until "$mid" l
	is "$output" early
	run_rl logs --since 2h --until 1h l
	is "$output" $'early\nlate'
	for far in 1900-01-01 0 1h30m 2000-01-01T00:00:00.5Z 2000-01-01T00:00:00 2000-01-01Z ""; do
		is "$(rl logs --since "$far" --until 2999-01-01 l)" $'early\nlate' "$far"
	done
	is "$(rl logs --until=-1h l)" ""
	# Docker's durations are all before now.
	is "$(exec -a docker "$ROOTLET" --root "$ROOT" logs --until 1h l)" ""
	run_rl start l
	like "$(rl logs -f --until 300ms l)" "early*"
	is "$(state l)" running
	rl kill l
}

@test "logs -f follows to the end and then ends" {
	run_rl run -d --network=none --name l $BB sh -c 'for i in 1 2 3; do echo $i; sleep 0.3; done'
	run_rl logs -f l
	is "$output" $'1\n2\n3'
}

@test "logs: a line without an end, a long line, bytes that are no text" {
	run_rl run --network=none --name p $BB sh -c 'printf partial'
	is "$(rl logs p)" partial
	run_rl run --network=none --name long $BB sh -c 'head -c 100000 /dev/zero | tr "\0" x; echo; echo next'
	is "$(rl logs long | head -1 | tr -d '\n' | wc -c)" 100000
	is "$(rl logs long | tail -1)" next
	rl run --network=none --name bin $BB sh -c 'printf "a\000b\377c\n"' > direct
	rl logs bin | cmp - direct
}

@test "logs: 100000 lines, all there" {
	run_rl run -d --network=none --name many $BB seq 100000
	rl wait many
	is "$(rl logs many | wc -l)" 100000
	is "$(rl logs many | tail -1)" 100000
}

@test "logs of a restarted container go on" {
	run_rl run --network=none --name r $BB echo again
	run_rl start -a r
	is "$output" again
	is "$(rl logs r)" $'again\nagain'
}

@test "log drivers: none, json-file, and one that does not exist" {
	run_rl run --network=none --name n --log-driver none $BB echo unheard
	is "$output" unheard
	run_rl '?' logs n
	unlike "$output" "unheard"
	run_rl run --network=none --name j --log-driver json-file $BB echo json
	is "$(rl logs j)" json
	run_rl 125 run --rm --network=none --log-driver no-such-driver $BB true
	is_peer || like "$output" "*no-such-driver*"
}

@test "--log-opt path and max-size" {
	run_rl run --network=none --name o --log-opt path="$PWD/my.log" $BB echo to-a-file
	grep -q 'stdout F to-a-file' my.log
	is "$(rl logs o)" to-a-file
	run_rl run --network=none --name m --log-opt max-size=20k $BB seq 20000
	is "$(rl logs m | tail -1)" 20000
	size=$(stat -c %s "$(rl inspect --format '{{.HostConfig.LogConfig.Path}}' m)")
	[ "$size" -le 45000 ]
}

@test "logs: no such container" {
	run_rl '?' logs no-such
	[ "$status" -ne 0 ]
	like "$output" "*no-such*"
}

@test "a detached container's log is there when nobody listens" {
	run_rl run -d --network=none --name d $BB sh -c 'i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done'
	rl wait d
	is "$(rl logs d | wc -l)" 2000
}

@test "a reader that goes away ends a command without a word, as SIGPIPE would" {
	run_rl run --name l1 --network=none $BB echo text
	for c in "logs l1" "ps -a" "images -q" "inspect l1" "events --stream=false" version "run --help"; do
		( sleep 0.1; s=0; rl $c 2> err || s=$?; echo $s > status ) | true
		is "$(cat err)" ""
		is "$(cat status)" 141
	done
}
