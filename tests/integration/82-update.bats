#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# update without a cgroup: what is kept, what is refused (tests/vm/10-cgroup.bats has the rest).

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

host() {
	rl inspect --format "{{.HostConfig.$1}}" "$2"
}

@test "limits of a container that does not run are kept; what is not named stays" {
	run_rl create --network=none --name u --memory 64m --cpu-shares 512 $BB true
	id=$(rl inspect --format '{{.ID}}' u)
	run_rl update --memory 128m --memory-swap -1 --cpus 1.5 --cpuset-cpus 0 --pids-limit 9 u
	is "$output" "$id"
	is "$(host Memory u) $(host MemorySwap u) $(host NanoCpus u) $(host CpusetCpus u) $(host PidsLimit u) $(host CpuShares u)" \
		"134217728 -1 1500000000 0 9 512"
	run_rl update --cpu-quota 20000 --cpu-period 50000 u
	is "$(host NanoCpus u) $(host CpuQuota u) $(host CpuPeriod u) $(host Memory u)" "0 20000 50000 134217728"
	run_rl update --memory 0 --memory-swap 0 u
	is "$(host Memory u) $(host MemorySwap u)" "0 0"
}

@test "environment and rlimits count from the next start on" {
	run_rl create --network=none --name e -e OLD=1 -e KEEP=2 $BB sh -c 'echo $OLD.$KEEP.$NEW.$FROM; ulimit -n'
	FROM=outside run_rl update --env NEW=3 -e FROM --unsetenv OLD --ulimit nofile=77 e
	run_rl start -a e
	is "$output" ".2.3.outside"$'\n'"77"
}

@test "several containers, --latest, docker's output" {
	run_rl create --name a $BB true
	run_rl create --name b $BB true
	run_rl update --restart=always a b
	is "$(rl inspect --format '{{.HostConfig.RestartPolicy.Name}}' a b)" $'always\nalways'
	run_rl update --latest --restart=no
	is "$(rl inspect --format '{{.HostConfig.RestartPolicy.Name}}' a b)" $'always\nno'
	is "$(exec -a docker "$ROOTLET" --root "$ROOT" update --restart no a)" a
}

@test "a wrong value changes nothing, and names option and value" {
	run_rl create --name w --memory 64m $BB true
	for bad in "--memory=x" "--memory-swap=1m" "--cpus=-1" "--cpus=x" "--cpu-period=1" "--pids-limit=-5" \
		"--blkio-weight=5" "--device-read-bps=/dev/null" "--ulimit=nofile=x" "--restart=maybe" "--env==x"; do
		run_rl 125 update --cpu-shares 3 "$bad" w
		is_one_error
		like "$output" "*${bad%%=*}*" "$bad"
	done
	is "$(host Memory w) $(host CpuShares w)" "67108864 0"
	for never in --memory-swappiness=1 --kernel-memory=1 --cpu-rt-period=1 --cpu-rt-runtime=1; do
		run_rl 125 update $never w
		is_one_error
	done
	run_rl 125 update --no-healthcheck --health-retries 3 w
	is_one_error
	run_rl 125 update --memory 1m no-such
	run_rl 125 update --memory 1m
	run_rl 125 create --cpus=-1 $BB true
}

@test "a running container without a cgroup: refused, with the remedy, and nothing is kept" {
	run_rl run -d --network=none --name r --cgroups=disabled $BB sleep 1000
	run_rl 125 update --memory 64m r
	is_one_error
	like "$output" "*--memory*cgroup*"
	is "$(host Memory r)" 0
	run_rl update --restart=always r
	run_rl rm -f -t 0 r
}
