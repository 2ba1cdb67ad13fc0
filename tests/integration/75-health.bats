#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Restart policies and health checks, kept by the monitor; healthcheck run; update.

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

is_at_least() { [ "$(field "$1" "$2")" -ge "$3" ]; }

@test "restart on-failure:N: so often and no more" {
	run_rl run -d --network=none --name f --restart=on-failure:2 $BB sh -c 'echo x >> /runs; exit 3'
	wait_for 10 is_field f RestartCount 2
	wait_for 5 is_field f State.Restarting false
	wait_for 5 is_field f State.Status exited
	is "$(field f State.ExitCode)" 3
	run_rl cp f:/runs -
	like "$output" "*x*x*x*"
}

@test "restart on-failure: not after success" {
	run_rl run -d --network=none --name s --restart=on-failure $BB true
	wait_for 5 is_field s State.Status exited
	sleep 0.3
	is "$(field s RestartCount)" 0
	is "$(field s State.Restarting)" false
}

@test "restart always: stop ends it, running or in the pause; start begins anew" {
	run_rl run -d --network=none --name a --restart=always $BB false
	wait_for 10 is_at_least a RestartCount 3
	wait_for 5 is_field a State.Restarting true
	run_rl 2 rm a
	run_rl stop a
	is "$(field a State.Restarting)" false
	is "$(field a State.Status)" exited
	run_rl start a
	run_rl rm -f a
	run_rl run -d --network=none --name b --restart=always $BB sleep 1000
	run_rl stop -t 0 b
	sleep 0.3
	is "$(field b State.Status)" exited
	run_rl start b
	run_rl kill b
	wait_for 5 is_field b State.Status exited
	sleep 0.3
	is "$(field b State.Status)" exited
}

@test "restart: what the kernel kills is started again; killed by its user it is not" {
	run_rl run -d --network=none --name k --restart=unless-stopped $BB sleep 1000
	kill -9 "$(field k State.Pid)" 2> /dev/null || rl unshare kill -9 "$(field k State.Pid)"
	wait_for 5 is_field k RestartCount 1
	wait_for 5 is_field k State.Status running
	run_rl exec k true
	run_rl stop -t 0 k
}

@test "restart: a wrong policy, and --rm" {
	run_rl 125 create --restart=sometimes $BB true
	like "$output" "*--restart*sometimes*"
	run_rl 125 create --restart=on-failure:x $BB true
	run_rl 125 create --rm --restart=always $BB true
}

@test "health: starting, healthy, unhealthy; shown in ps and inspect" {
	run_rl run -d --network=none --name h --health-cmd 'echo looking; test -e /ok' \
		--health-interval 200ms --health-retries 2 $BB sleep 1000
	is "$(field h State.Health.Status)" starting
	rl exec h touch /ok
	run timeout 10 "$ROOTLET" --root "$ROOT" wait --condition healthy h
	is "$status" 0
	run_rl ps --format '{{.Status}}' --filter name=h
	like "$output" "Up *healthy*"
	like "$(rl inspect --format '{{json .State.Health.Log}}' h)" '*"ExitCode":0,"Output":"looking*'
	rl exec h rm /ok
	wait_for 10 is_field h State.Health.Status unhealthy
	is_at_least h State.Health.FailingStreak 2
	wait_for 10 is_at_least h State.Health.FailingStreak 5
	is "$(rl inspect --format '{{len .State.Health.Log}}' h)" 5
	is "$(field h Config.Healthcheck.Retries)" 2
	run_rl stop -t 0 h
}

@test "health: a check that hangs is killed and counts as failed" {
	run_rl run -d --network=none --name t --health-cmd 'sleep 1000' --health-interval 100ms \
		--health-timeout 300ms --health-retries 1 $BB sleep 1000
	wait_for 10 is_field t State.Health.Status unhealthy
	run_rl stop -t 0 t
}

@test "health: the start period forgives" {
	run_rl run -d --network=none --name p --health-cmd false --health-interval 100ms \
		--health-retries 1 --health-start-period 1h $BB sleep 1000
	wait_for 5 sh -c '[ "$("$1" --root "$2" inspect --format "{{len .State.Health.Log}}" p)" -ge 3 ]' - "$ROOTLET" "$ROOT"
	is "$(field p State.Health.Status)" starting
	run_rl stop -t 0 p
}

@test "a restarted container: its helpers are waited for, its health checks remembered" {
	need slirp4netns
	run_rl run -d --network=slirp4netns --stop-timeout 0 --name z --health-cmd 'CMD false' --health-startup-cmd 'CMD true' \
		--health-interval 100ms --health-retries 1 --health-on-failure restart $BB sleep 1000
	wait_for 10 is_at_least z RestartCount 3
	run_rl stop -t 0 z
	[ "$(rl inspect -f '{{len .State.Health.Log}}' z)" -ge 3 ]
	is "$(field z Config.Healthcheck.Test)" "[CMD false]"
	is "$(field z Config.StartupHealthCheck.Successes)" 1
	run_rl start z
	# One may be about to end.
	[ "$(ps -o stat= --ppid "$(field z State.ConmonPid)" | grep -c Z)" -le 1 ]
	rl rm -f -t 0 z
	run_rl 125 create --health-on-failure=kill $BB true
	like "$output" "*without a health check*"
	rl create --name c --health-cmd true $BB
	is "$(field c State.Health.Status)" ""
	rl rm c
}

@test "health-on-failure: kill, stop, restart" {
	local o="--network=none --health-cmd false --health-interval 100ms --health-retries 1"
	run_rl run -d $o --name k --health-on-failure kill $BB sleep 1000
	run_rl run -d $o --name s --health-on-failure stop --stop-timeout 1 $BB sleep 1000
	run_rl run -d $o --name r --health-on-failure restart --stop-timeout 0 $BB sleep 1000
	wait_for 10 is_field k State.Status exited
	is "$(field k State.ExitCode)" 137
	wait_for 10 is_field s State.Status exited
	wait_for 10 is_at_least r RestartCount 1
	run_rl rm -f -t 0 r
	run_rl 125 create --health-cmd true --health-on-failure burn $BB true
}

@test "startup health check: before the other one; its failure restarts" {
	run_rl run -d --network=none --name u --health-cmd true --health-interval 100ms \
		--health-startup-cmd 'test -e /up' --health-startup-interval 100ms $BB sleep 1000
	sleep 0.5
	is "$(field u State.Health.Status)" starting
	rl exec u touch /up
	wait_for 10 is_field u State.Health.Status healthy
	run_rl run -d --network=none --name v --health-cmd true --health-startup-cmd false \
		--health-startup-interval 100ms --health-startup-retries 2 --stop-timeout 0 $BB sleep 1000
	wait_for 10 is_at_least v RestartCount 1
	run_rl rm -f -t 0 u v
}

@test "healthcheck run: 0, 1, 125" {
	run_rl run -d --network=none --name c --health-cmd 'test -e /ok' --health-interval disable $BB sleep 1000
	run_rl 1 healthcheck run c
	is "$output" unhealthy
	rl exec c touch /ok
	run_rl healthcheck run c
	is "$output" ""
	is "$(field c State.Health.Status)" healthy
	run_rl stop -t 0 c
	run_rl 125 healthcheck run c
	run_rl create --name none $BB true
	run_rl 125 healthcheck run none
	run_rl 125 healthcheck run nosuch
}

@test "update: restart policy and health check of a running container" {
	run_rl run -d --network=none --name x $BB sh -c 'while [ ! -e /go ]; do sleep 0.05; done; rm /go; exit 1'
	run_rl update --restart=always --health-cmd true --health-interval 100ms x
	wait_for 10 is_field x State.Health.Status healthy
	rl exec x touch /go
	wait_for 10 is_field x RestartCount 1
	wait_for 10 is_field x State.Status running
	run_rl 125 update --restart=maybe x
	run_rl rm -f -t 0 x
}
