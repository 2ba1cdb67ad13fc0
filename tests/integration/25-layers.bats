#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a layer can hold arrives in the container, with every storage driver.

load lib/common
setup_file() {
	common_setup_file noimage
	local l
	l=$(fixture_zoo) || return 1
	skopeo --insecure-policy copy -q "oci:$l:latest" "oci-archive:$BATS_FILE_TMPDIR/zoo.tar:localhost/zoo:1"
}
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

zoo() {
	rl "${driver[@]}" run --rm --network=none --user 0 --entrypoint '["/bin/sh","-c"]' localhost/zoo:1 "$@"
}

# one DRIVER: the whole list, on a store of its own.
one() {
	local ROOT=$BATS_TEST_TMPDIR/store
	driver=(--storage-driver "$1")
	run_rl "${driver[@]}" load -q -i "$BATS_FILE_TMPDIR/zoo.tar"

	run zoo 'cd /zoo; for f in gone deleted opaque/old replaced-by-file/x; do [ -e $f ] && echo still $f; done; cat opaque/new replaced-by-dir/y replaced-by-file'
	is "$output" $'new\ny\nfile' "whiteouts"
	run zoo 'cd /zoo; [ one -ef two ] && echo same; [ one -ef three ] || echo other; cat three'
	is "$output" $'same\nother\nno longer hard' "hard links"
	run zoo 'readlink /zoo/abs-link; readlink /zoo/up-link; head -c 5 /zoo/abs-link'
	is "$output" $'/etc/passwd\n../../../../etc/passwd\nroot:' "symbolic links"
	run zoo 'cd /zoo; stat -c "%a %u %g" setuid setgid sticky owned volume closed closed/inside readonly'
	is "$output" $'4755 0 0\n2755 0 0\n1777 0 0\n640 1000 2000\n775 1000 1000\n500 1000 1000\n400 1000 1000\n444 0 0' "modes and owners"
	run zoo 'stat -c %Y /zoo/one /zoo/owned; stat -c %s /zoo/empty; ls /zoo | grep -c "^long-.*name$"; cat "/zoo/café" "/zoo/space and	tab"'
	is "$output" $'1704164645\n1704164645\n0\n1\nutf-8\nspace' "times and names"
	run zoo '[ -p /zoo/fifo ] && echo fifo; [ -c /zoo/null ] && echo device; true'
	like "$output" "fifo*" "special files"
	run_rl "${driver[@]}" rmi -f localhost/zoo:1
	remove_store "$ROOT"
}

@test "overlay" { one overlay; }
@test "fuse-overlayfs" {
	is_peer && skip "about rootlet"
	need fuse-overlayfs
	[ -w /dev/fuse ] || missing "/dev/fuse"
	one fuse-overlayfs
}
@test "vfs" { one vfs; }

@test "capabilities and xattrs of files" {
	rl load -q -i "$BATS_FILE_TMPDIR/zoo.tar"
	run_rl unshare true
	if ! is_peer; then
		diff=$(find "$ROOT/layers" -path '*/diff/zoo/cap' | head -1)
		run rl unshare python3 -c "import os,sys; print(os.getxattr(sys.argv[1],'security.capability').hex())" "$diff"
		is "${output:0:16}" 0100000200040000
	fi
	run_rl rmi -f localhost/zoo:1
}

@test "the user, command and volumes of the image" {
	rl load -q -i "$BATS_FILE_TMPDIR/zoo.tar"
	run_rl run --rm --network=none localhost/zoo:1
	is "$output" zoo
	run_rl run --rm --network=none localhost/zoo:1 'id -u; pwd; echo $ZOO'
	is "$output" $'1000\n/zoo\nopen'
	# A new anonymous volume starts with what the image has there, owner included.
	run_rl run --rm --network=none localhost/zoo:1 'cat volume/seed; stat -c %u volume; touch volume/x && echo writable'
	is "$output" $'seed\n1000\nwritable'
	run_rl volume ls -q
	is "$output" ""
	run_rl rmi -f localhost/zoo:1
}

@test "a Debian made by debootstrap" {
	[ -r "${DEBIAN_TAR:-}" ] || missing "DEBIAN_TAR is not set (contrib/check makes it)"
	export REGISTRY_BASE=$BATS_TEST_TMPDIR
	registry_start deb
	registry_push "$(fixture_debian)" debian:12
	run_rl pull -q --tls-verify=false "$REGISTRY/debian:12"
	run_rl run --rm "$REGISTRY/debian:12" bash -c '. /etc/os-release; echo $ID; dpkg -l | grep -c ^ii; id -u _apt'
	like "${lines[0]}" debian
	is "${lines[2]}" 42
	run_rl run --rm --network=none "$REGISTRY/debian:12" bash -c 'chown 33:33 /tmp && su -s /bin/bash www-data -c "id -un"; useradd -m joe && su joe -c "touch ~/x && stat -c %U ~/x"'
	is "$output" $'www-data\njoe'
	registry_stop deb
	run_rl rmi -f "$REGISTRY/debian:12"
}

@test "fuse-overlayfs that dies ends the start, and takes no ':' in a path" {
	[ -w /dev/fuse ] || missing "/dev/fuse"
	need fuse-overlayfs
	fuse=(--storage-driver fuse-overlayfs --storage-opt overlay.mount_program=/bin/false)
	rl load -q -i "$BATS_FILE_TMPDIR/zoo.tar"
	run -126 timeout 20 "$ROOTLET" --root "$ROOT" "${fuse[@]}" run --rm --network=none --entrypoint= localhost/zoo:1 true
	like "$output" "*open the root file system*not connected*"
	run -125 "$ROOTLET" --root "$PWD/a:b" "${fuse[@]:0:2}" images
	like "$output" "*fuse-overlayfs takes no path with ':' ($PWD/a:b)*--root*"
	rl rmi -f localhost/zoo:1
}
