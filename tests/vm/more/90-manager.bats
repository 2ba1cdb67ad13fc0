#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The user's manager is restarted under running containers, as at a boot with linger. Whoever tests
# it is not of that manager (see guest-main).

load ../../integration/lib/common
setup_file() { KEEP_SESSION=1; common_setup_file; }
teardown_file() { KEEP_SESSION=1; common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

status_of() { rl inspect --format '{{.Name}} {{.State.Status}}' a n s u; }

@test "restart policies after a restart of the user's manager: rootlet-restart.service" {
	units=/home/tester/.config/systemd/user
	mkdir -p "$units/default.target.wants"
	sed "s|@bindir@/rootlet|$ROOTLET --root $ROOT|" /work/tests/vm/more/rootlet-restart.service.in \
		> "$units/rootlet-restart.service"
	ln -sf ../rootlet-restart.service "$units/default.target.wants/"
	run_rl run -d --network=none --restart=always --name a $BB sleep 1000
	run_rl run -d --network=none --restart=unless-stopped --name s $BB sleep 1000
	run_rl run -d --network=none --restart=unless-stopped --name u --memory 50m $BB sleep 1000
	run_rl run -d --network=none --name n $BB sleep 1000
	rl stop -t 0 s
	touch /tmp/restart-manager
	wait_for 60 test -e /tmp/restarted-manager
	wait_for 60 systemctl --user is-active rootlet-restart.service
	is "$(status_of)" $'a running\nn exited\ns exited\nu running'
	is "$(rl exec u cat /sys/fs/cgroup/memory.max)" 52428800
	like "$(systemctl --user show -P ActiveState rootlet-restart.service)" active
	rm -r "$units/default.target.wants"
}
