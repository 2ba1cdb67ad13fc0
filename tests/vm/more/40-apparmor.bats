#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# AppArmor: a profile for the payload and for what exec adds.

load ../../integration/lib/common
setup_file() { KEEP_SESSION=1; common_setup_file; }
teardown_file() { KEEP_SESSION=1; common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

needs_profile() {
	# Nobody but root may ask which are loaded: one that is not is refused.
	rl run --rm --network=none --security-opt apparmor=rootlet-test $BB true ||
		missing "the profile rootlet-test is not loaded: apparmor_parser is not installed"
}

@test "apparmor: run and exec are confined, unconfined is not, inspect tells" {
	needs_profile
	run_rl run --rm --network=none --security-opt apparmor=unconfined $BB cat /proc/self/attr/current
	is "$output" unconfined
	run_rl run -d --network=none --security-opt apparmor=rootlet-test --security-opt no-new-privileges \
		--name a $BB sh -c 'cat /proc/self/attr/current; cat /etc/passwd; sleep 1000'
	wait_for 20 sh -c '"$ROOTLET" --root "$ROOT" logs a 2>&1 | grep -q ermission'
	like "$(rl logs a 2>&1)" "rootlet-test (enforce)*ermission denied*"
	run_rl 1 exec a sh -c 'cat /proc/self/attr/current; cat /etc/passwd'
	like "$output" "rootlet-test (enforce)*ermission denied*"
	is "$(rl inspect -f '{{.AppArmorProfile}}' a)" rootlet-test
}

@test "apparmor: a profile that is not loaded is told of in one line" {
	run_rl 126 run --rm --network=none --security-opt apparmor=no-such $BB true
	like "$output" "*AppArmor profile no-such*apparmor*"
	is "${#lines[@]}" 1
	is "$(rl info -f '{{.Host.Security.AppArmorEnabled}}')" \
		"$(sed 's/Y/true/;s/N/false/' /sys/module/apparmor/parameters/enabled)"
}
