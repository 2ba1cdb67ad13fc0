#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# systemd as what runs in a container: the guest's own, on a copy on write of its root.

load ../../integration/lib/common
setup_file() {
	export BATS_TEST_TIMEOUT=400
	KEEP_SESSION=1
	common_setup_file noimage
	# Slow: one boot for all. Not the units that are the guest's business, which would also boot forever.
	rl run -d --systemd=always --network=none --name sd --memory 400m --pids-limit 500 \
		--tmpfs /var/lib/systemd/linger -v /dev/null:/etc/systemd/system/rootlet-tests.service \
		--rootfs /:O /sbin/init > /dev/null
}
teardown_file() { KEEP_SESSION=1; common_teardown_file; }
setup() { common_setup; }
teardown() { :; }	# the container is for all tests

state() { rl exec sd systemctl is-system-running 2> /dev/null; }
has_booted() { case $(state) in running | degraded) return 0 ;; esac; return 1; }

@test "systemd boots to multi-user, with limits, and exec reaches it" {
	wait_for 300 has_booted
	is "$(rl exec sd systemctl is-active multi-user.target dbus.service systemd-journald.service)" $'active\nactive\nactive'
	is "$(rl exec sd cat /proc/self/cgroup)" 0::/init.scope
	is "$(rl exec sd systemd-detect-virt -c)" podman
	run_rl exec sd systemd-run --wait --pipe -q -p MemoryMax=30M cat /proc/self/cgroup
	like "$output" "0::/system.slice/run-*.service"
	like "$(rl stats --no-stream --format '{{.MemUsage}}' sd)" "*/ 419.4MB"
	like "$(rl top sd args)" "*systemd-journald*"
	group=$(rl inspect -f '{{.State.CgroupPath}}' sd)
	is "$(cat "/sys/fs/cgroup$group/memory.max")" 419430400
	rl pause sd
	is "$(rl inspect -f '{{.State.Status}}' sd)" paused
	rl unpause sd
}

@test "stop asks systemd to halt, and nothing is left of its cgroups" {
	group=/sys/fs/cgroup$(rl inspect -f '{{.State.CgroupPath}}' sd)
	[ -d "$group/system.slice" ]
	is "$(rl inspect -f '{{.Config.StopSignal}}' sd)" SIGRTMIN+3
	run_rl stop -t 110 sd
	# 130: what systemd says when it was told so and not with poweroff.
	like "$(rl inspect -f '{{.State.ExitCode}} {{.State.OOMKilled}}' sd)" "@(0|130) false"
	wait_for 20 test ! -e "${group%/container}"
	rl rm sd
	check_nothing_left
}
