#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Archives for cp and volumes, and images whose own directories are not what they seem.

load helpers
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; bait; }
teardown() { unbait; rl rmi -f localhost/evil > /dev/null 2>&1; common_teardown; }

PATHS='{"Env":["PATH=/bin:/sbin:/usr/bin"],"Cmd":["true"]}'

@test "CVE-2023-27561, CVE-2023-28642, CVE-2026-47766: /proc, /sys and /dev that are links or files are refused" {
	local d
	# Each as what a whiteout has left of the plain image's.
	for d in proc sys dev; do
		entries "w-$d.tar" "file('.wh.$d')"
		entries "l-$d.tar" "sym('$d', '$BAIT-victim-dir')"
		evil_image evil "$PATHS" "w-$d.tar" "l-$d.tar"
		run_rl 126 run --rm --network=none localhost/evil true
		like "$output" "*/$d must be a directory of the image*"
		bait_is_whole
		entries "f-$d.tar" "file('$d', 'x')"
		# A link that leads to a directory of the image is none either.
		entries "i-$d.tar" "dir('fake')" "sym('$d', '/fake')"
		evil_image evil "$PATHS" "w-$d.tar" "i-$d.tar"
		run_rl 126 run --rm --network=none localhost/evil true
		like "$output" "*/$d must be a directory of the image*"
		evil_image evil "$PATHS" "w-$d.tar" "f-$d.tar"
		run_rl 126 run --rm --network=none localhost/evil true
		like "$output" "rootlet: */$d*"
		is_one_error
	done
}

@test "CVE-2025-52881: sysctls and labels are written to the kernel's procfs and to no other" {
	mkdir -p fake/sys/net/core fake/self/attr
	for t in /proc /proc/sys /proc/sys/net/core /proc/self /proc/thread-self/attr; do
		run_rl '?' run --rm --network=none -v "$PWD/fake:$t" --sysctl net.core.somaxconn=77 $BB true
		[ "$status" -ge 125 ] || { echo "taken: $t"; false; }
	done
	is "$(find fake -type f)" ""
	# A link of the image in its place is none of the kernel's either.
	entries w.tar 'file(".wh.proc")'
	entries l.tar 'sym("proc", "/fake")' 'dir("fake/sys/net/core", 0o777)' 'file("fake/sys/net/core/somaxconn", "1", 0o666)'
	evil_image evil "$PATHS" w.tar l.tar
	run_rl 126 run --rm --network=none --sysctl net.core.somaxconn=77 localhost/evil true
	run_rl run --rm --network=none --sysctl net.core.somaxconn=77 $BB cat /proc/sys/net/core/somaxconn
	is "$output" 77
}

@test "CVE-2026-50163: a hard link in an archive means the archive, not the working directory" {
	echo hush > secret
	entries e.tar 'hard("stolen", "secret")'
	entries up.tar 'hard("stolen", "../secret")' 'file("stolen", "evil")'
	run_rl volume create vol
	run_rl run -d --network=none --name c -v vol:/v $BB sleep 1000
	for t in e.tar up.tar; do
		run_rl 125 volume import vol $t
		run_rl 125 cp - c:/tmp < $t
		run evil_image evil "$PATHS" $t
		[ "$status" -ne 0 ] || run_rl '?' run --rm --network=none localhost/evil cat /stolen
		unlike "$output" "*hush*"
	done
	run_rl exec c find / -xdev -name stolen
	is "$output" ""
	is "$(stat -c %h secret) $(cat secret)" "1 hush"
}

@test "CVE-2021-32760: an archive changes the mode of nothing that a link leads to" {
	chmod 640 "$BAIT-victim"
	chmod 750 "$BAIT-victim-dir"
	BAIT_WAS=$(bait_stat)
	entries e.tar "sym('f', '$BAIT-victim')" "sym('d', '$BAIT-victim-dir')" "sym('g', '$BAIT-victim')"
	entries m.tar 'dir("f", 0o777)' 'dir("d", 0o777)' 'file("g", "evil", 0o4777)'
	run_rl volume create vol
	run_rl run -d --network=none --name c -v vol:/v $BB sleep 1000
	for t in e.tar m.tar; do
		run_rl '?' volume import vol $t
		run_rl '?' cp - c:/tmp < $t
		run_rl '?' cp --overwrite - c:/tmp < $t
	done
	evil_image evil "$PATHS" e.tar m.tar
	# In one layer they meet.
	entries b.tar "sym('d', '$BAIT-victim-dir')" 'dir("d", 0o777)' "sym('g', '$BAIT-victim')" 'file("g", "evil", 0o4777)'
	evil_image evil "$PATHS" b.tar
	is "$(stat -c %a "$BAIT-victim") $(stat -c %a "$BAIT-victim-dir")" "640 750"
	bait_is_whole
}

@test "containerd#12961: directories swapped for links while an archive is unpacked into them" {
	need python3
	mkdir -p vol/a
	run_rl run -d --network=none --name c -v "$PWD/vol:/v" $BB sh -c "
		while :; do mv /v/a /v/b; ln -s $BAIT-victim-dir /v/a; rm /v/a; mv /v/b /v/a; done"
	entries e.tar 'for i in range(200): file("a/f%d" % i, "evil"); file("a/d%d/inside" % i, "evil", 0o666)'
	for i in $(seq 8); do
		rl cp --overwrite - c:/v < e.tar > /dev/null 2>&1 || true
	done
	bait_is_whole
	run_rl rm -f -t 0 c
}

@test "CVE-2021-32760: a directory swapped for a link between its making and its mode" {
	need strace python3
	strace -o /dev/null true || skip "no process may be traced here"
	chmod 640 "$BAIT-victim"
	BAIT_WAS=$(bait_stat)
	mkdir vol
	run_rl run -d --network=none --name c -v "$PWD/vol:/v" host:/ python3 -c '
import os, sys
while True:
    if os.path.islink("/v/new"): continue
    try: os.rename("/v/new", "/v/old"); os.symlink(sys.argv[1], "/v/new")
    except OSError: pass' "$BAIT-victim"
	# No entry of its own for the directory: it is made for the file.
	entries e.tar 'file("new/f", "x")'
	strace -f -o trace -e trace=%file -e inject=fchmodat,chmod:delay_enter=50000 \
		"$ROOTLET" --root "$ROOT" cp - c:/v < e.tar || true
	grep -q '"new", 0755' trace
	[ -L vol/new ]
	is "$(stat -c %a "$BAIT-victim")" 640
	bait_is_whole
}
