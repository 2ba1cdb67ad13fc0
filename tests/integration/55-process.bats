#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# pause, stats, events and secrets.

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

counter() {	# counter NAME: a container that writes to its log all the time, in a child of init
	run_rl run -d --network=none --name "$1" $BB sh -c 'while :; do echo x; sleep 0.02; done & wait'
}

lines_of() {
	rl logs "$1" | wc -l
}

@test "pause: nothing runs until unpause" {
	counter p
	wait_for 10 rl logs --tail 1 p
	run_rl pause p
	is "$output" p
	n=$(lines_of p)
	sleep 0.3
	is "$(lines_of p)" "$n"
	run_rl ps --format '{{.Names}} {{.Status}}'
	like "$output" "p Paused"
	is "$(rl inspect -f '{{.State.Paused}} {{.State.Status}}' p)" "true paused"
	run_rl 125 pause p
	is_one_error
	run_rl 255 exec p true
	is_one_error
	run_rl 125 attach p
	is_one_error
	run_rl unpause p
	is "$output" p
	sleep 0.3
	[ "$(lines_of p)" -gt "$n" ]
	run_rl exec p true
	run_rl 125 unpause p
	is_one_error
}

@test "pause: a container that forks as fast as it can" {
	run_rl run -d --network=none --name f $BB sh -c \
		'i=0; while [ $i -lt 4 ]; do (while :; do /bin/true; done) & i=$((i+1)); done; wait'
	sleep 0.2
	run_rl pause f
	a=$(rl top f pid state time)
	sleep 0.3
	is "$(rl top f pid state time)" "$a"
	run_rl top f state
	unlike "${lines[*]:1}" "*[RSD]*"
	run_rl unpause f
}

@test "pause: stop, kill and rm -f of a paused container" {
	run_rl run -d --network=none --name s $BB sh -c 'trap "echo bye; exit 7" TERM; while :; do sleep 0.1; done'
	sleep 0.3
	run_rl pause s
	run_rl stop s
	is "$(rl inspect -f '{{.State.ExitCode}}' s)" 7
	run_rl start s
	run_rl pause s
	run_rl kill s
	run_rl wait s
	is "$output" 137
	run_rl start s
	run_rl pause s
	run_rl 125 start s
	is_one_error
	run_rl rm -f -t 0 s
}

@test "pause --all, unpause --all, --filter; what cannot be paused" {
	run_rl run -d --network=none --name a $BB sleep 100
	run_rl run -d --network=none --name b $BB sleep 100
	run_rl run -d --network=none --name h --pid=host $BB sleep 100
	run_rl 125 pause h
	is_one_error
	like "$output" "*pid namespace*"
	run_rl run -d --network=none --name joined --pid=container:a $BB sleep 100
	run_rl 125 pause joined
	is_one_error
	is "$(rl stats --no-stream --format '{{.PIDs}}' a joined)" $'1\n1'
	rl rm -f -t 0 joined
	rl rm -f -t 0 h
	run_rl pause --all
	is "${#lines[@]}" 2
	is "$(rl ps -q --filter status=paused | wc -l)" 2
	run_rl unpause --filter name=a
	is "$(rl ps --filter status=paused --format '{{.Names}}')" b
	run_rl unpause --all
	is "${#lines[@]}" 1
	run_rl rm -f -t 0 a
	run_rl create --name c $BB true
	run_rl 125 pause c
	is_one_error
	run_rl 125 pause
}

# --- stats -----------------------------------------------------------------------------------

@test "stats: a busy container, an idle one, one that does not run" {
	run_rl run -d --network=none --name busy $BB sh -c 'while :; do :; done'
	run_rl run -d --network=none --name idle $BB sleep 100
	run_rl create --name off $BB true
	sleep 1.2
	rl stats --no-stream > out 2> err
	like "$(head -1 out)" "ID *NAME *CPU %*MEM USAGE / LIMIT*MEM %*NET IO*BLOCK IO*PIDS*CPU TIME*AVG CPU %*"
	is "$(wc -l < out)" 3
	like "$(cat err)" "*/proc*"
	busy=$(rl stats --no-stream --format '{{.CPUNano}}' busy)
	idle=$(rl stats --no-stream --format '{{.CPUNano}}' idle)
	[ "$busy" -gt 300000000 ]
	[ "$idle" -lt 200000000 ]
	is "$(rl stats --no-stream --format '{{.PIDs}}' idle)" 1
	[ "$(rl stats -a --no-stream --format '{{.Name}}' | wc -l)" -eq 3 ]
	like "$(rl stats --no-stream --format '{{.CPUPerc}} {{.MemUsage}}' off)" "-- -- / --"
	like "$(rl stats --no-stream --format json idle)" '*"name": "idle"*'
	[ "$(rl stats --no-stream --no-trunc --format '{{.ID}}' idle | wc -c)" -eq 65 ]
	run_rl 125 stats --no-stream nothing
	is_one_error
	rl rm -af -t 0
}

@test "stats: repeats each interval; CPU time of ended children is kept" {
	run_rl run -d --network=none --name w $BB sh -c 'sh -c "i=0; while [ \$i -lt 300000 ]; do i=\$((i+1)); done"; sleep 100'
	wait_for 20 sh -c '[ "$('"$ROOTLET --root $ROOT"' top w comm | tail -1)" = sleep ]'
	[ "$(rl stats --no-stream --format '{{.CPUNano}}' w)" -gt 20000000 ]
	timeout 2.5 "$ROOTLET" --root "$ROOT" stats -i 1 --format '{{.Name}}' w > out || true
	[ "$(grep -c '^w$' out)" -ge 2 ]
	rl rm -af -t 0
}

# --- events ----------------------------------------------------------------------------------

seen() {	# seen FILTERS...: what events has, "status name" a line
	rl events --stream=false --format '{{.Status}} {{.Name}}' "$@"
}

@test "events: the life of a container, in order" {
	run_rl 3 run --rm --network=none --name first --label a=b $BB sh -c 'exit 3'
	want="create attach start died remove"
	for w in $want; do
		like "$(seen --filter container=first)" "*$w first*"
	done
	is "$(seen --filter container=first --filter event=died --filter event=remove)" $'died first\nremove first'
	is "$(rl events --stream=false --filter container=first --filter event=die --format '{{.ContainerExitCode}}')" 3
	like "$(rl events --stream=false --filter container=first --filter event=create)" \
		"20??-??-?? ??:??:??* container create ???????????????????????????????????????????????????????????????? (image=$BB, name=first, a=b)"
	like "$(rl events --stream=false --no-trunc=false --filter container=first --filter event=create)" "* create ???????????? (*"
	is "$(seen --filter container=first --filter label=a=c)" ""
	like "$(seen --filter label=a=b)" "*create first*"
	like "$(rl events --stream=false --format json --filter container=first --filter event=create)" '{"ID":"*"Name":"first","Status":"create",*'
}

@test "events: of exec, pause, kill, stop, restart, rename, volumes and images" {
	run_rl run -d --network=none --name second $BB sh -c 'trap "exit 0" TERM; while :; do sleep 0.05; done'
	run_rl 5 exec second sh -c 'exit 5'
	rl pause second
	rl unpause second
	rl kill -s USR2 second || true
	rl restart second
	rl stop second
	rl rename second e3
	rl rm e3
	run_rl volume create ev
	rl volume rm ev
	rl tag $BB localhost/other:1
	rl rmi localhost/other:1
	all=$(seen)
	for w in "exec second" "exec_died second" "pause second" "unpause second" "kill second" "restart second" "stop second" \
		"rename e3" "remove e3" "create ev" "remove ev" "tag localhost/other:1" "loadfromarchive *bb.tar"; do
		like "$all" "*$w*"
	done
	is "$(seen --filter type=volume --filter volume=ev)" $'create ev\nremove ev'
}

@test "events: follow, since and until" {
	now=$(date -u +%Y-%m-%dT%H:%M:%S.%NZ)
	timeout 20 "$ROOTLET" --root "$ROOT" events --format '{{.Status}}' --filter container=follower > out 3>&- &
	reader=$!
	sleep 0.5
	run_rl run --rm --network=none --name follower $BB true
	wait_for 5 grep -q remove out
	kill $reader
	grep -q create out
	is "$(seen --since "$now" --filter event=create)" "create follower"
	is "$(seen --until "$now" --filter container=follower)" ""
	start=$SECONDS
	rl events --since "$now" --until "$(date -u -d '+2 seconds' +%Y-%m-%dT%H:%M:%SZ)" > /dev/null
	[ $((SECONDS - start)) -le 4 ]
	run_rl 125 events --filter nonsense=1 --stream=false
	is_one_error
	run_rl 125 events --since tomorrow-ish
	is_one_error
}

@test "events: none, when the user wants none" {
	before=$(rl events --stream=false | wc -l)
	run rl --events-backend=none run --rm --network=none --name n $BB true
	is "$status" 0
	printf '[engine]\nevents_logger = "none"\n' > c.conf
	CONTAINERS_CONF=$PWD/c.conf rl run --rm --network=none --name n $BB true
	is "$(rl events --stream=false | wc -l)" "$before"
	run rl --events-backend=nonsense ps
	is "$status" 125
}

# --- secrets ---------------------------------------------------------------------------------

@test "secret: create, ls, inspect, exists, rm" {
	printf 'hush\n' > s.txt
	run_rl secret create --label k=v sec s.txt
	like "$output" "?????????????????????????"
	id=$output
	run_rl 125 secret create sec s.txt
	is_one_error
	run_rl secret create --ignore sec s.txt
	is "$output" "$id"
	run_rl secret exists sec
	run_rl 1 secret exists nothing
	is "$(rl secret ls --format '{{.Name}} {{.Driver}}')" "sec file"
	is "$(rl secret inspect --format '{{.Spec.Name}} {{.ID}} {{.Spec.Labels.k}}' "${id:0:6}")" "sec $id v"
	unlike "$(rl secret inspect sec)" "*hush*"
	is "$(rl secret inspect --showsecret --format '{{.SecretData}}' sec)" hush
	is "$(stat -c %a "$ROOT/secrets")" 700
	is "$(stat -c %a "$ROOT/secrets/sec/data")" 600
	run_rl 125 secret create ../x s.txt
	: > empty
	run_rl 125 secret create empty empty
	head -c 600000 /dev/zero > big
	run_rl 125 secret create big big
	run_rl 125 secret create --driver pass p s.txt
	is_one_error
	printf new | rl secret create --replace sec -
	is "$(rl secret inspect --showsecret --format '{{.SecretData}}' sec)" new
	V=fromenv rl secret create --env esec V
	is "$(rl secret inspect --showsecret --format '{{.SecretData}}' esec)" fromenv
	run_rl secret rm --all
	is "${#lines[@]}" 2
	is "$(rl secret ls -q)" ""
	run_rl 125 secret rm sec
}

@test "secret: in a container, as a file and as a variable" {
	printf 'hush' | rl secret create s1 -
	run_rl run --rm --network=none --secret s1 $BB sh -c 'cat /run/secrets/s1; stat -c " %a %u %g" /run/secrets/s1'
	is "$output" "hush 444 0 0"
	run_rl run --rm --network=none --secret s1,target=t,mode=0400,uid=5,gid=6 $BB sh -c 'cat /run/secrets/t; stat -c " %a %u %g" /run/secrets/t'
	is "$output" "hush 400 5 6"
	run_rl run --rm --network=none --secret s1,target=/etc/deep/s $BB cat /etc/deep/s
	is "$output" hush
	run_rl '?' run --rm --network=none --secret s1 $BB sh -c 'echo x > /run/secrets/s1'
	[ "$status" -ne 0 ]
	run_rl run -d --network=none --name v --secret s1,type=env,target=V --secret s1 $BB sleep 100
	is "$(rl exec v sh -c 'echo $V; cat /run/secrets/s1')" $'hush\nhush'
	unlike "$(rl inspect v)" "*hush*"
	rl secret rm s1
	printf 'other' | rl secret create s1 -
	rl stop -t 0 v
	rl start v
	is "$(rl exec v sh -c 'echo $V; cat /run/secrets/s1')" $'hush\nhush'
	run_rl run --rm --network=none --userns=keep-id --secret s1,uid=$(id -u),mode=400 $BB cat /run/secrets/s1
	is "$output" other
	run_rl 125 run --rm --network=none --secret nothing $BB true
	is_one_error
	run_rl 125 run --rm --network=none --secret s1,target=../../etc/passwd $BB true
	is_one_error
	run_rl 126 run --rm --network=none --secret s1,uid=4000000000 $BB true
	is_one_error
	rl secret rm --all
}
