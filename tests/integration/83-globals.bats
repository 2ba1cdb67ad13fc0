#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Options before the command, and options that are refused with a reason.

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

@test "what only a remote service, another runtime or a database could do is refused, with the reason" {
	for o in "--url=unix:///x" "--connection=x" "-c x" "--remote" "-r" "--host=x" "-H x" "--identity=k" "--ssh=native" \
		"--runtime=crun" "--runtime-flag=x" "--conmon=/x" "--db-backend=sqlite" "--imagestore=/x" "--volumepath=/x" \
		"--tmpdir=/x" "--transient-store" "--network-config-dir=/x" "--module=x" "--syslog" "--trace" "--tls" "--namespace=x"; do
		# shellcheck disable=SC2086 # an option and its value
		run_rl 125 $o ps
		is_one_error
		like "$output" "*is refused: ?*" "$o"
	done
}

@test "--noout and --out: standard output elsewhere" {
	run_rl --noout version
	is "$output" ""
	run_rl --out "$PWD/o" version --format '{{.Client.Version}}'
	is "$output" ""
	is "$(cat o)" "$(rl version --format '{{.Client.Version}}')"
	run_rl 125 --out /no/dir/x version
	is_one_error
	like "$output" "*--out /no/dir/x*"
}

@test "--log-level, --debug, --cgroup-manager, --events-backend: a wrong value names what there is" {
	run_rl --log-level warning ps
	run_rl -l error ps
	rl -D run --rm --network=none $BB true
	for bad in --log-level=loud --cgroup-manager=init --events-backend=tape; do
		run_rl 125 $bad ps
		is_one_error
		like "$output" "*${bad%%=*}*${bad#*=}*none of*" "$bad"
	done
	run_rl --cgroup-manager cgroupfs run --rm --network=none $BB echo ok
	is "$output" ok
}

@test "--registries-conf: read instead of the usual one" {
	printf 'unqualified-search-registries = ["first.example"]\n' > r.conf
	run_rl --registries-conf "$PWD/r.conf" info --format '{{json .Registries}}'
	like "$output" "*first.example*"
}

@test "create: what Docker has besides" {
	run_rl run --rm --network=none --domainname dom.example $BB cat /proc/sys/kernel/domainname
	is "$output" dom.example
	run_rl create --volume-driver local --seccomp-policy default $BB true
	run_rl 125 create --volume-driver=nfs $BB true
	is_one_error
	like "$output" "*--volume-driver 'nfs'*expected local*"
	for o in --ip=1.2.3.4 --ip6=::1 --mac-address=02:00:00:00:00:01 --link=x --runtime=runc --isolation=hyperv --cpu-count=1 \
		--storage-opt=size=1g --use-api-socket --decryption-key=k --signature-policy=p --init-ctr=once; do
		run_rl 125 create $o $BB true
		is_one_error
		like "$output" "*${o%%=*} is refused: ?*" "$o"
	done
}

@test "healthcheck run --ignore-result: the exit code tells of the command alone" {
	run_rl run -d --network=none --name sick --health-cmd false --health-interval disable $BB sleep 1000
	run_rl 1 healthcheck run sick
	run_rl healthcheck run --ignore-result sick
	is "$output" unhealthy
	run_rl rm -f -t 0 sick
}

@test "what has another spelling here says so" {
	for line in "exec --wait 3 x true" "images --tree" "history --platform linux/amd64 x" \
		"load --platform linux/amd64" "import --platform linux/amd64 x" "rmi --platform linux/amd64 x"; do
		# shellcheck disable=SC2086 # words
		run_rl 125 $line < /dev/null
		is_one_error
		like "$output" "*is refused: ?*" "$line"
	done
	run_rl ps --storage --notruncate
}
