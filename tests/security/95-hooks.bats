#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Hooks that run what an image has.

load helpers
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { rl rmi -f localhost/evil > /dev/null 2>&1; common_teardown; }

@test "a startContainer hook is the image's program: it is confined as the payload is" {
	entries e.tar 'file("hook", "#!/bin/sh\nexec > /tmp/seen\nid -u\nls /proc/self/fd\ngrep -E \"^(CapEff|CapBnd|Seccomp|NoNewPrivs):\" /proc/self/status\nunshare -U true || echo closed\nsed s/^/state:/\n", 0o755)'
	evil_image evil '{"Env":["PATH=/bin"],"Cmd":["true"]}' e.tar
	mkdir hooks
	echo '{"version":"1.0.0","hook":{"path":"/hook","env":["PATH=/bin"]},"when":{"always":true},"stages":["startContainer"]}' > hooks/h.json
	run_rl --hooks-dir "$PWD/hooks" run --rm --network=none localhost/evil cat /tmp/seen
	like "$output" $'0\n0\n1\n2\n3\nCapEff:\t00000000800405fb\nCapBnd:\t00000000800405fb\nNoNewPrivs:\t0\nSeccomp:\t2\n*closed\nstate:{*"created"*'
	run_rl --hooks-dir "$PWD/hooks" run --rm --network=none --user 1000 --security-opt no-new-privileges localhost/evil cat /tmp/seen
	like "$output" $'1000\n0\n1\n2\n3\nCapEff:\t0000000000000000\n*NoNewPrivs:\t1\nSeccomp:\t2\n*'
	# One that fails is the end of the start.
	entries f.tar 'file("hook", "#!/bin/sh\necho not today >&2\nexit 3\n", 0o755)'
	evil_image evil '{"Env":["PATH=/bin"],"Cmd":["true"]}' f.tar
	run_rl '?' --hooks-dir "$PWD/hooks" run --rm --network=none localhost/evil true
	[ "$status" -ge 125 ]
	like "$output" "*hook /hook failed with exit code 3: not today*"
}
