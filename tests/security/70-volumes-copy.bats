#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Races with the processes of a container: volumes and copies while links are swapped.

load helpers
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; bait; }
teardown() { stop_swapper; unbait; common_teardown; }

# What swaps /v/d and /v/f for links to the host's bait, for ever.
SWAPPER='mkdir -p /v/d /v/d2; echo inside-of-container > /v/d/inside; while :; do
	rm -rf /v/d /v/f; mkdir /v/d; echo c > /v/d/inside; echo c > /v/f
	rm -rf /v/d /v/f; ln -s '$BAIT-victim-dir' /v/d; ln -s '$BAIT-victim' /v/f; done'

@test "CVE-2023-0778: an exported volume has links as links, never what they lead to" {
	need python3
	run_rl run --rm --network=none -v vol:/v $BB sh -c 'echo c > /v/f; mkdir /v/d; echo c > /v/d/inside; chmod 777 /v'
	start_swapper "$ROOT/volumes/vol/_data/f" $BAIT-victim "$ROOT/volumes/vol/_data/d" $BAIT-victim-dir
	for i in $(seq 60); do
		rl volume export vol > v.tar 2> err || continue
		run tar -xOf v.tar
		unlike "$output" "*victim*"
		unlike "$output" "*inside*"
	done
	[ -s v.tar ]
	bait_is_whole
	stop_swapper
	run_rl volume rm -f vol
}

@test "CVE-2026-41568, CVE-2026-42306: cp into a container with volumes makes nothing on the host" {
	run_rl run -d --network=none --name c -v vol:/v -v vol:/v/d2 $BB sh -c "$SWAPPER"
	echo mine > f
	for i in $(seq 25); do
		rl cp f c:/v/d/new > /dev/null 2>&1 || true
		rl cp f c:/v/f > /dev/null 2>&1 || true
		rl cp c:/v/d out > /dev/null 2>&1 || true
		[ ! -e out/inside ] || unlike "$(cat out/inside)" inside
		rm -rf out
	done
	bait_is_whole
	run_rl stop -t 0 c
	run_rl '?' cp f c:/v/d/new
	bait_is_whole
	is "$(grep -c "$BAIT" /proc/self/mountinfo || true)" 0
}

@test "CVE-2025-9566: a volume that a container has left links in is not written through" {
	run_rl run --rm --network=none -v vol:/v $BB ln -s $BAIT-victim /v/f
	printf 'evil\n' > f
	tar -cf in.tar f
	run_rl '?' volume import vol in.tar
	bait_is_whole
	run_rl '?' run --rm --network=none -v vol:/v $BB sh -c 'echo x > /v/f'
	bait_is_whole
	rl volume rm -f vol
}

@test "a hostile archive for volume import stays in the volume" {
	run_rl volume create vol
	entries e.tar "sym('d', '$BAIT-victim-dir')" "file('d/inside', 'evil')" "file('../../../../../../../..$BAIT-escaped', 'evil')" \
		"file('$BAIT-escaped', 'evil')" "hard('h', '../../../../../../../..$BAIT-victim')" "file('h', 'evil')"
	run_rl '?' volume import vol e.tar
	bait_is_whole
	run_rl volume rm -f vol
}

@test "a subpath or a working directory that is a link to the host stays inside" {
	run_rl run --rm --network=none -v vol:/v $BB ln -s $BAIT-victim-dir /v/link
	run_rl '?' run --rm --network=none --mount type=volume,src=vol,dst=/m,subpath=link $BB cat /m/inside
	unlike "$output" "inside"
	run_rl '?' run --rm --network=none -v vol:/v -w /v/link/new $BB pwd
	bait_is_whole
	run_rl run -d --network=none --name c -v vol:/v $BB sleep 1000
	run_rl 127 exec -w /v/link c cat inside
	unlike "$output" "inside"
	run_rl rm -f -t 0 c
	rl volume rm -f vol
}
