#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# start, stop, kill, rm, wait and cleanup of many; requirements; clone; runlabel; rmi; system stop-all.

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

up() { rl run -d --network=none --name "$1" "${@:2}" $BB sleep 1000 > /dev/null; }

@test "start: --all, --filter, --latest; what runs is passed over" {
	rl create --network=none --name a --label kind=x $BB sleep 1000
	rl create --network=none --name b $BB sleep 1000
	up c --label kind=x
	run_rl start --filter label=kind=x
	is "$output" "$(rl inspect --format '{{.Id}}' a)"
	is "$(state b)" created
	run_rl start --all
	is "$(state b)" running
	run_rl start --all
	is "$output" ""
	rl create --network=none --name last $BB sleep 1000
	run_rl start -l
	is "$(state last)" running
	run_rl 125 start --all a
	run_rl 125 start -a a b
	run_rl 125 start --checkpoint x a
	like "$output" "*CRIU*"
	run_rl stop -t 0 --all
}

@test "start --filter should-start-on-boot: always, and unless-stopped when nobody stopped it" {
	up always --restart=always
	up kept --restart=unless-stopped
	up ended --restart=unless-stopped
	up plain
	run_rl stop -t 0 always ended plain
	# As at a reboot: the monitor is asked to end by the system, not by the user.
	kill -TERM "$(rl inspect --format '{{.State.ConmonPid}}' kept)"
	kill -KILL "$(rl inspect --format '{{.State.Pid}}' kept)" 2> /dev/null ||
		rl unshare kill -KILL "$(rl inspect --format '{{.State.Pid}}' kept)"
	run_rl wait kept
	run_rl start --all --filter should-start-on-boot=true
	is "$(for c in always kept ended plain; do state $c; done | xargs)" "running running exited exited"
	run_rl stop -t 0 --all
	run_rl start --all --filter restart-policy=always
	is "$(for c in always kept; do state $c; done | xargs)" "running exited"
	run_rl stop -t 0 --all
	run_rl 125 start --filter should-start-on-boot=perhaps
}

@test "stop: --signal, -1 waits, --cidfile, --ignore, --filter" {
	rl run -d --network=none --name s $BB sh -c 'trap "exit 5" USR1; while :; do sleep 0.1; done'
	sleep 0.3
	run_rl stop --signal USR1 s
	is "$(rl inspect --format '{{.State.ExitCode}}' s)" 5
	run_rl 125 stop --signal NOPE s
	rl run -d --network=none --name w $BB sh -c 'trap "sleep 1; exit 6" TERM; while :; do sleep 0.1; done'
	sleep 0.3
	run_rl stop -t -1 w
	is "$(rl inspect --format '{{.State.ExitCode}}' w)" 6
	up f --cidfile id
	run_rl stop -t 0 --cidfile id
	run_rl stop --ignore no-such
	run_rl stop --ignore --cidfile no-file
	run_rl 125 stop no-such
	run_rl 125 stop -t -2 f
	run_rl 125 stop --service f
	run_rl 125 stop --all --cidfile id
	run_rl 125 rm -t 1 f
	run_rl rename f f
}

@test "restart: --signal, --running, --cidfile; kill --all" {
	up r --cidfile id
	rl create --network=none --name never $BB sleep 1000
	before=$(rl inspect --format '{{.State.Pid}}' r)
	run_rl restart -t 0 --running
	[ "$before" != "$(rl inspect --format '{{.State.Pid}}' r)" ]
	is "$(state never)" created
	run_rl restart -t 5 --signal KILL --cidfile id
	is "$(state r)" running
	run_rl kill --all
	wait_for 5 sh -c '[ -z "$("$ROOTLET" --root "$ROOT" ps -q)" ]'
	run_rl kill --all
}

@test "wait: several conditions, the first of several containers, --ignore" {
	up a
	run_rl wait --condition exited,running a
	is "$output" -1
	run_rl create --network=none --name b $BB true
	run_rl wait --condition configured b
	rl run -d --network=none --name c $BB sh -c 'sleep 0.3; exit 9'
	run timeout 10 "$ROOTLET" --root "$ROOT" wait --exit-first-match a c
	is "$status $output" "0 9"
	run_rl wait --ignore no-such
	is "$output" -1
	run_rl 125 --root "$ROOT.empty" wait --latest
	like "$output" "*no such container"
	rm -rf "$ROOT.empty"
	run_rl 125 wait --condition gone a
	run_rl 125 wait --interval soon a
	run_rl init b
	run_rl wait --condition initialized b
}

@test "requires: started first, known to inspect, not removed before" {
	rl create --network=none --name base $BB sleep 1000
	rl create --network=none --name mid --requires base $BB sleep 1000
	rl create --network=none --name top --requires mid,base $BB sleep 1000
	run_rl start top
	is "$(state base) $(state mid)" "running running"
	is "$(rl inspect --format '{{len .Dependencies}}' top)" 2
	run_rl 125 rm -f -t 0 base
	like "$output" "*base has dependent containers which must be removed before it: *"
	is "$(state base)" running
	run_rl stop -t 0 top mid base
	run_rl 125 rm mid
	ids=$(rl ps -aq --no-trunc --filter name=top)$'\n'$(rl ps -aq --no-trunc --filter name=mid)
	run_rl rm --depend base
	is "$output" "$ids"$'\nbase'
	is "$(rl ps -aq)" ""
	run_rl 125 create --requires no-such $BB true
	run_rl 125 rm --storage base
}

@test "a shared namespace is a requirement" {
	rl create --network=none --name net $BB sleep 1000
	rl create --network=container:net --name user $BB readlink /proc/self/ns/net
	run_rl start -a user
	pid=$(rl inspect --format '{{.State.Pid}}' net)
	is "$output" "$(rl unshare readlink "/proc/$pid/ns/net")"
	run_rl rename net other
	run_rl start -a user
	is "$output" "$(rl unshare readlink "/proc/$pid/ns/net")"
	run_rl 125 rm -f -t 0 other
	run_rl rm user
	run_rl rm -f -t 0 other
}

@test "a removed dependent leaves no mark" {
	rl create --network=none --name base $BB true
	rl run --rm --network=none --requires base $BB true
	run_rl rm base
}

@test "rmi: the image goes with the container, unless another needs it" {
	run_rl tag $BB localhost/once:1
	run_rl run --rmi --network=none localhost/once:1 true
	run_rl 1 image exists localhost/once:1
	run_rl image exists $BB
	is "$(rl ps -aq)" ""
	printf 'FROM' > /dev/null
	rl create --network=none --name holds $BB true
	run_rl run --rmi --network=none $BB true
	run_rl image exists $BB
}

@test "cleanup: what runs is refused, a crash is put in order, --rm" {
	up c
	run_rl 125 container cleanup c
	like "$output" "*refusing to clean up*"
	kill -9 "$(rl inspect --format '{{.State.ConmonPid}}' c)"
	sleep 0.2
	run_rl container cleanup c
	is "$(state c)" exited
	rl create --network=none --name d $BB true
	run_rl container cleanup --stopped-only --rm d
	is "$(state d)" created
	run_rl container cleanup --all --rm
	is "$(rl ps -aq)" ""
	run_rl 125 container cleanup
}

@test "clone: definition, name, limits; not the files" {
	rl run --network=none --name o -e A=b -w /tmp --label l=1 -v vol:/v -v /anon --user 1000 $BB sh -c 'touch /tmp/x; echo $A $(id -u) $(pwd); ls /tmp'
	run_rl container clone o
	is "$(rl inspect --format '{{.Name}}' "$output")" o-clone
	run_rl container clone o
	is "$(rl inspect --format '{{.Name}}' "$output")" o-clone1
	run_rl start -a o-clone
	is "$output" $'b 1000 /tmp\nx'
	is "$(rl inspect --format '{{.Config.Hostname}}' o-clone)" "$(rl inspect --format '{{slice .Id 0 12}}' o-clone)"
	is "$(rl inspect --format '{{len .Mounts}} {{index .Config.Labels "l"}}' o-clone)" "2 1"
	run_rl container clone --cpus 0.5 --memory 64m o limited
	is "$(rl inspect --format '{{.HostConfig.Memory}}' limited)" 67108864
	run_rl 125 container clone o limited
	run_rl 125 container clone no-such
	run_rl 125 container clone --pod p o
	run_rl rm -a
	run_rl volume rm vol
}

@test "clone: another image, --run, --destroy, --force" {
	run_rl tag $BB localhost/other:1
	rl create --network=none --name o --stop-signal KILL $BB sleep 1000
	run_rl container clone --run o n localhost/other:1
	is "$(state n)" running
	is "$(rl inspect --format '{{.ImageName}}' n)" localhost/other:1
	run_rl 125 container clone --destroy n m
	run_rl 1 container exists m
	run_rl container clone --destroy --force n m
	run_rl 1 container exists n
	run_rl container clone --destroy o p
	run_rl 1 container exists o
	run_rl 125 container clone --force p
	run_rl rm -f -t 0 -a
	run_rl rmi localhost/other:1
}

@test "runlabel: display, run, arguments, replace" {
	run_rl create --name tmp $BB true
	run_rl commit -q --change 'LABEL RUN="podman run --rm --network=none --name NAME ${IMAGE} echo =NAME \"$OPT1 x\""' \
		--change 'LABEL SHOW="/bin/echo $NAME IMAGE PWD"' --change 'LABEL BAD="echo \"open"' tmp localhost/labelled:1
	run_rl rm tmp
	run_rl container runlabel --display RUN labelled:1
	is "$output" 'podman run --rm --network=none --name labelled localhost/labelled:1 echo =labelled  x'
	run_rl container runlabel --quiet --opt1 one RUN labelled:1 more
	is "$output" "=labelled one x more"
	run_rl container runlabel -q --name n SHOW localhost/labelled:1
	is "$output" "n localhost/labelled:1 $PWD"
	rl create --network=none --name labelled $BB true
	run_rl 125 container runlabel -q RUN labelled:1
	run_rl container runlabel -q --replace RUN labelled:1
	like "$output" "=labelled*"
	run_rl 125 container runlabel NONE labelled:1
	run_rl 125 container runlabel BAD labelled:1
	run_rl 125 container runlabel --pull=false RUN localhost/not-here
	run_rl rmi localhost/labelled:1
}

@test "health log: a directory, the events, and wrong words" {
	mkdir logs
	rl run -d --network=none --name d --health-cmd 'echo fine' --health-interval 100ms \
		--health-log-destination "$PWD/logs" $BB sleep 1000
	wait_for 10 test -s "logs/$(rl inspect --format '{{.Id}}' d)-healthcheck.log"
	is "$(jq -r '.Log[0].Output' logs/*-healthcheck.log | head -c 4)" fine
	rl run -d --network=none --name e --health-cmd 'echo words' --health-interval 100ms \
		--health-log-destination events_logger $BB sleep 1000
	wait_for 10 sh -c '"$ROOTLET" --root "$ROOT" events --stream=false --filter container=e --format json | grep -q words'
	run_rl 125 create --health-cmd true --health-log-destination /no/such/place $BB true
}
