#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# events: which there are, in which order, with what in them.

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

seen() {	# seen FILTERS...: what events has, "status name" a line
	rl events --stream=false --format '{{.Status}} {{.Name}}' "$@"
}

@test "events: init before start, cleanup at the end, remove instead with --rm" {
	run_rl run --network=none --name xa $BB true
	is "$(seen --filter container=xa | grep -v attach)" $'create xa\ninit xa\nstart xa\ndied xa\ncleanup xa'
	run_rl run --rm --network=none --name xb $BB true
	is "$(seen --filter container=xb | grep -v attach)" $'create xb\ninit xb\nstart xb\ndied xb\nremove xb'
	run_rl start -a xa
	is "$(seen --filter container=xa --filter event=init | wc -l)" 2
	rl rm xa
}

@test "events: commit and export" {
	run_rl create --network=none --name xc $BB true
	run_rl commit -q xc localhost/committed
	rl export xc > /dev/null
	is "$(seen --filter container=xc | tail -2)" $'commit xc\nexport xc'
	run_rl update --restart always xc
	rl unshare "$ROOTLET" --root "$ROOT" mount xc
	rl umount xc
	is "$(seen --filter container=xc | tail -3)" $'update xc\nmount xc\nunmount xc'
	rl unshare sh -c "'$ROOTLET' --root '$ROOT' image mount $BB && '$ROOTLET' --root '$ROOT' image umount $BB"
	run_rl 125 pull oci:no-such-directory
	is "$(seen --filter type=image | tail -3)" "mount $BB"$'\n'"unmount $BB"$'\npull-error oci:no-such-directory'
	like "$(rl events --stream=false --filter event=pull-error --format '{{.Error}} {{.Attributes}}')" "*no-such-directory* map[[]]"
	rl rmi localhost/committed
	rl rm xc
}

@test "events: health_status says which" {
	run_rl run -d --network=none --name h --health-cmd 'test -e /ok' --health-retries 1 --health-interval disable $BB sleep 100
	run_rl '?' healthcheck run h
	wait_for 5 sh -c "'$ROOTLET' --root '$ROOT' events --stream=false --filter event=health_status | grep -q health_status=unhealthy"
	rl exec h touch /ok
	run_rl healthcheck run h
	is "$(rl events --stream=false --filter event=health_status --format '{{.HealthStatus}}' | tail -1)" healthy
	like "$(rl events --stream=false --filter event=health_status --format json | tail -1)" '*"HealthStatus":"healthy"*'
	rl rm -f -t 0 h
}

@test "events: secrets and volumes, and filters by them" {
	run_rl volume create ev1
	printf x | rl secret create es1 - > /dev/null
	rl secret rm es1
	rl volume rm ev1
	is "$(seen --filter secret=es1)" $'create es1\nremove es1'
	is "$(seen --filter volume=ev1)" $'create ev1\nremove ev1'
	is "$(seen --filter type=secret --filter type=volume --filter event=create)" $'create ev1\ncreate es1'
	is "$(seen --filter pod=none --filter network=none)" ""
}

@test "events --format: every placeholder, table, escapes" {
	run_rl run --network=none --name xf -l k=v $BB sh -c 'exit 4' || true
	fields=$(awk -F'\t' '$1 == "events" { print $2 }' <<- 'EOT'
		events	.Attributes
		events	.ContainerExitCode
		events	.ContainerInspectData
		events	.Error
		events	.HealthStatus
		events	.ID
		events	.Image
		events	.Name
		events	.Network
		events	.OOMKilled
		events	.PodID
		events	.Status
		events	.Time
		events	.TimeNano
		events	.Type
		EOT
	)
	for x in $fields; do
		run_rl events --stream=false --filter container=xf --filter event=died --format "{{$x}}"
		is "${#lines[@]}" 1 "$x" || is "$output" "" "$x"
	done
	is "$(rl events --stream=false --filter container=xf --filter event=died --format '{{.ContainerExitCode}}\t{{.Attributes.k}}')" $'4\tv'
	is "$(rl events --stream=false --filter container=xf --filter event=died --format 'table {{upper .Status}} {{len .ID}}')" "DIED 64"
	# As podman: what an event has not is left out.
	rl events --stream=false --filter container=xf --filter event=create --format json > j
	run ! grep -q ContainerExitCode j
	python3 -c 'import json, sys; e = json.load(open("j")); assert e["Attributes"] == {"k": "v"} and e["Type"] == "container" and isinstance(e["timeNano"], int)'
	# Times are this machine's, as Go's String has them.
	like "$(TZ=Europe/Berlin rl events --stream=false --filter container=xf --filter event=died --format '{{.Time}}')" "20??-??-?? ??:??:??* +0[12]00 CE*T"
	is "$(rl inspect -f '{{.State.StartedAt.Unix}}' xf)" "$(rl ps -a --filter name=xf --format '{{.StartedAt}}')"
	run_rl 125 events --stream=false --format '{{.Nonsense}}'
	is_one_error
	rl rm xf
}

@test "events: journald without a journal goes to the file" {
	[ ! -S /run/systemd/journal/socket ] || missing "this machine has a journal: tests/vm looks at it"
	printf '[engine]\nevents_logger = "journald"\n' > c.conf
	CONTAINERS_CONF=$PWD/c.conf rl run --rm --network=none --name jn $BB true
	like "$(seen --filter container=jn)" "*start jn*"
	like "$(CONTAINERS_CONF=$PWD/c.conf seen --filter container=jn)" "*start jn*"
	rl --events-backend=journald volume create jv
	is "$(seen --filter volume=jv)" "create jv"
	rl volume rm jv
}

@test "events: the file is rotated, and followed over it" {
	head -c 2097152 /dev/zero | tr '\0' '\n' >> "$ROOT/events.log"
	timeout 20 "$ROOTLET" --root "$ROOT" events --format '{{.Status}} {{.Name}}' --filter type=volume > out 3>&- &
	reader=$!
	sleep 0.3
	for i in 1 2 3; do rl volume create rot$i > /dev/null; done
	wait_for 5 grep -q 'create rot3' out
	kill $reader
	is "$(cat out)" $'create rot1\ncreate rot2\ncreate rot3'
	[ -e "$ROOT/events.log.1" ]
	[ "$(stat -c %s "$ROOT/events.log")" -lt 10000 ]
	is "$(seen --filter volume=rot1 --filter volume=rot3)" $'create rot1\ncreate rot3'
	rl volume rm rot1 rot2 rot3
}
