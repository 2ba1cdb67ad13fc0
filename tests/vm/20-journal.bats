#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The systemd journal: as a log driver and as the place of events.

load ../integration/lib/common
setup_file() { KEEP_SESSION=1; common_setup_file; }
teardown_file() { KEEP_SESSION=1; common_teardown_file; }
setup() { common_setup; journalctl -q -n 1 > /dev/null || die "this user has no journal to read"; }
teardown() { common_teardown; }

@test "journald: what a container says, with Podman's fields" {
	run_rl run --network=none --name j --log-driver journald --log-opt tag='{{.Name}}-tag' --log-opt label=RACK=r1 \
		$BB sh -c 'echo out; echo err >&2; printf partial'
	id=$(rl inspect -f '{{.Id}}' j)
	rl logs j > o 2> e
	is "$(cat o)" $'out\npartial'
	is "$(cat e)" err
	journalctl -q -o export "CONTAINER_ID_FULL=$id" MESSAGE=err > x
	for f in CONTAINER_NAME=j "CONTAINER_ID=${id:0:12}" CONTAINER_TAG=j-tag SYSLOG_IDENTIFIER=j-tag PRIORITY=3 RACK=r1; do
		grep -qx "$f" x || { cat x; die "no $f"; }
	done
	journalctl -q -o export "CONTAINER_ID_FULL=$id" MESSAGE=partial | grep -qx CONTAINER_PARTIAL_MESSAGE=true
}

@test "journald: tail, since, until, bytes that are no text, many lines" {
	run_rl run -d --network=none --name m --log-driver journald $BB sh -c 'printf "a\001\377b\n"; seq 2000; sleep 2; echo late'
	rl wait m
	is "$(rl logs m | wc -l)" 2002
	printf 'a\001\377b\n' > want
	rl logs m | head -1 | cmp - want
	is "$(rl logs --tail 2 m)" $'2000\nlate'
	# Exactly the times of two lines.
	rl logs -t --tail 2 m > two
	last=$(awk 'NR == 1 { print $1 }' two)
	late=$(awk 'NR == 2 { print $1 }' two)
	is "$(rl logs --since "$late" m)" late
	is "$(rl logs --until "$last" m | tail -1)" 2000
	is "$(rl logs --until "$last" --tail 1 m)" 2000
}

@test "journald: logs -f ends when the container does" {
	run_rl run -d --network=none --name f --log-driver journald $BB sh -c 'for i in 1 2 3; do echo $i; sleep 0.4; done'
	run timeout 60 "$ROOTLET" --root "$ROOT" logs -f f
	is "$status" 0
	is "$output" $'1\n2\n3'
	run_rl run -d --network=none --name g --log-driver journald $BB sh -c 'echo old1; echo old2; until [ -e /go ]; do sleep 0.1; done; echo new'
	timeout 60 "$ROOTLET" --root "$ROOT" logs -f --tail 1 g > out 3>&- &
	reader=$!
	wait_for 30 grep -q old2 out
	rl exec g touch /go
	wait $reader
	is "$(cat out)" $'old2\nnew'
}

@test "events in the journal: written, read, followed, filtered" {
	printf '[engine]\nevents_logger = "journald"\n' > c.conf
	export CONTAINERS_CONF=$PWD/c.conf
	timeout 60 "$ROOTLET" --root "$ROOT" events --format '{{.Status}}' --filter container=ej > out 3>&- &
	reader=$!
	sleep 2
	run_rl run --rm --network=none --name ej -l a=b $BB sh -c 'exit 7' || true
	wait_for 20 grep -q remove out
	kill $reader
	is "$(grep -v attach out)" $'create\ninit\nstart\ndied\nremove'
	is "$(rl events --stream=false --filter container=ej --filter event=died --format '{{.ContainerExitCode}} {{.Attributes.a}}')" "7 b"
	journalctl -q -o export PODMAN_NAME=ej PODMAN_EVENT=died > x
	grep -qx 'PODMAN_EXIT_CODE=7' x
	grep -qx 'PODMAN_LABELS={"a":"b"}' x
	# The file knows nothing of it.
	is "$(CONTAINERS_CONF= rl --events-backend=file events --stream=false --filter container=ej)" ""
	# Images are told of by another program.
	run_rl tag $BB localhost/jt:1
	run_rl save -q -o s.tar localhost/jt:1
	like "$(rl events --stream=false --filter type=image --format '{{.Status}}')" "*tag*save*"
	rl rmi localhost/jt:1
}
