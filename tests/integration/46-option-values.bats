#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Values of run's options: empty ones, odd ones, and what the refusal of a wrong one says.

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

refused() {	# PATTERN OPTIONS...: exit 125 and one line that matches
	local pattern=$1
	shift
	run_rl 125 run --rm --network=none "$@"
	like "${lines[0]}" "rootlet: $pattern"
}

@test "an empty value is as if the option were not there" {
	run_rl run --rm --network=none -e '' --hostname '' --name '' --user '' --workdir '' --stop-signal '' --shm-size '' \
		--log-driver '' --platform '' --tz '' --pid '' --uts '' --userns '' --passwd-entry '' $BB \
		sh -c 'hostname; id -u; pwd; stat -f -c %b /dev/shm'
	like "${lines[0]}" '????????????'
	is "${lines[1]}" 0
	is "${lines[2]}" /
	is "${lines[3]}" 16384
}

@test "wrong values are refused with what is accepted" {
	refused '--env: invalid environment variable: "=x": expected*' -e =x $BB true
	refused "--shm-size: invalid size: '-1': expected*" --shm-size -1 $BB true
	refused "--entrypoint '?\"echo\",1?' is no JSON list of strings" --entrypoint '["echo",1]' $BB a
	refused '*init binary not found*/nosuch*' --init --init-path /nosuch $BB true
}

@test "without PATH only a whole path finds the program" {
	run_rl 127 run --rm --network=none --unsetenv PATH $BB true
	like "$output" "*executable file \`true\` not found in \$PATH*whole path*"
	run_rl 127 run --rm --network=none --unsetenv-all $BB true
	run_rl run --rm --network=none --unsetenv-all $BB /bin/busybox env
	! grep -q PATH= <<< "$output"
}

@test "limits: too few open files are named, more than the session's is refused" {
	run_rl 126 run --rm --network=none --ulimit nofile=2 $BB true
	like "$output" "*limit of 2 open files is too low*--ulimit nofile"
	run_rl run --rm --network=none --ulimit nofile=60 --ulimit nofile=70:80 $BB sh -c 'ulimit -n; ulimit -Hn'
	is "$output" "70
80"
	run_rl 126 run --rm --network=none --ulimit nofile=-1 $BB true
	like "$output" "*RLIMIT_NOFILE to unlimited*$(ulimit -Hn)*"
}

@test "--user: a group that is left empty is the user's own" {
	run_rl run --rm --network=none --user 1000: $BB sh -c 'id -u; id -g'
	is "$output" "1000
1000"
	run_rl 126 run --rm --network=none --user : $BB id -u
	like "$output" "*user ':' is neither a name nor an id*"
}

@test "a wrong value is refused when the container is made, and leaves nothing" {
	while read -r pattern options; do
		run_rl 125 create --network=none -v /anonymous $options $BB true
		like "${lines[0]}" "rootlet: *${pattern//_/ }*"
	done <<EOT2
KEY=VALUE --sysctl bad
not_allowed --sysctl kernel.panic=1
not_allowed_with --ipc host --sysctl kernel.msgmax=1
invalid_--security-opt --security-opt bad
opening_seccomp_profile --security-opt seccomp=/nosuch
invalid_umask_string --umask 9
unrecognized_namespace_mode --pid bad
unrecognized_namespace_mode --cgroupns bad
cannot_find_specified --uts ns:/nosuch
no_such_file --device /dev/nosuch
the_host_has_no --tz No/Where
--detach-keys --detach-keys bad-key-
bad_format_for_add-host --add-host bad
invalid_IP_address --add-host a:bad
--hosts-file --hosts-file /nosuch
binary_not_found --init --init-path /nosuch
more_than_once --volumes-from x:ro,rw
none_of_ro,_rw,_z --volumes-from x:
as_0-3,8 --cpuset-cpus bad
as_0-3,8 --cpuset-mems 3-1
behind_the_last_colon -v /tmp:/x:
EOT2
	run_rl ps -aq
	is "$output" ""
	run_rl volume ls -q
	is "$output" ""
	run_rl 125 create --dns bad $BB true
	like "$output" "*--dns: bad is not an ip address*"
	run_rl run --rm --network=none --detach-keys '' $BB true
}
