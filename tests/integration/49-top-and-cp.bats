#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# top with the host's pid namespace; what cp to the host does not take along.

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

@test "top with ps options and --pid=host, setuid bits and cp" {
	rl run -d --network=none --pid=host --name a $BB sh -c \
		'mkdir /d; echo x > /d/s; chmod 6755 /d/s; chmod 3777 /d; sleep 98765'
	wait_for 5 rl exec a test -k /d
	if command -v ps > /dev/null; then
		run_rl top a -eo pid,args
		like "$output" "*sleep 98765*"
		run_rl '?' top a -o nonsense
		[ "$status" -ne 0 ]
		! grep -q "not permitted" <<< "$output"
	fi
	run_rl cp a:/d .
	is "$(stat -c %a d d/s)" "3777
755"
	run_rl cp a:/d/s one
	is "$(stat -c %a one)" 755
	rl cp a:/d/s - | tar tvf - | grep -q -- '-rwsr-sr-x'
	rl cp a:/d a:/e
	run_rl exec a stat -c %a /e/s
	is "$output" 6755
	rl rm -ft0 a
}
