#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cp against a container that swaps what is copied (CVE-2018-15664, CVE-2019-10152, CVE-2019-18466,
# CVE-2026-41567, CVE-2026-41568).

load ../integration/lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

@test "CVE-2018-15664: a directory swapped with a link never leads to the host" {
	local n bad=0
	mkdir secret
	echo host > secret/file
	echo mine > file
	# The path of the secret directory is valid on the host and, with other contents, inside.
	rl run -d --name evil --network=none -e P="$PWD/secret" $BB sh -c '
		mkdir -p "$P" /real /stash; echo inside > "$P/file"; echo inside > /real/file
		while :; do mv /real /stash/r; ln -s "$P" /real; rm /real; mv /stash/r /real; done' > /dev/null
	sleep 0.3
	for n in $(seq 150); do
		rm -f out
		! rl cp evil:/real/file out 2> /dev/null || [ "$(cat out)" != host ] || bad=$((bad + 1))
		rl cp file evil:/real/new$n 2> /dev/null || true
	done
	is "$bad" 0
	is "$(ls secret)" file
	is "$(cat secret/file)" host
}

@test "CVE-2019-10152: a link in the container is one of the container" {
	rl run -d --name c --network=none $BB sh -c "mkdir -p '$PWD'; ln -s '$PWD' /test; sleep 1000" > /dev/null
	wait_for 5 rl exec c test -L /test
	echo x > f
	mkdir sub
	run_rl cp f c:/test/through
	[ ! -e through ]
	run_rl exec c cat "$PWD/through"
	is "$output" x
	rl stop -t 0 c > /dev/null
	run_rl cp f c:/test/again
	[ ! -e again ]
}

@test "CVE-2019-18466: links in a tree that is copied out stay links" {
	mkdir target out
	echo safe > target/f
	rl run -d --name c --network=none $BB sh -c "mkdir /d; cd /d; ln -s '$PWD/target' abs; ln -s ../../target rel
		ln -s loop loop; echo star > '*'; echo q > '?'; mkdir sub; ln -s '$PWD/target/f' sub/f; sleep 1000" > /dev/null
	wait_for 5 rl exec c test -L /d/sub/f
	run_rl cp c:/d/. out
	is "$(readlink out/abs)" "$PWD/target"
	is "$(cat 'out/*')" star
	# A second copy meets the links of the first.
	rl exec c sh -c 'rm /d/abs /d/sub/f; mkdir /d/abs; echo evil > /d/abs/f; echo evil > /d/sub/f'
	run_rl 125 cp c:/d/. out
	run_rl cp --overwrite c:/d/. out
	is "$(cat target/f)" safe
	is "$(ls target)" f
}

@test "CVE-2026-41567, CVE-2019-14271: no program and no library of the container is run" {
	rl run -d --name c --network=none $BB sh -c 'mkdir -p /usr/bin /lib
		for p in gzip gunzip unpigz xz zstd tar; do printf "#!/bin/sh\ntouch /tmp/ran\n" > /usr/bin/$p; chmod 755 /usr/bin/$p; done
		for l in libnss_files.so.2 libgcc_s.so.1; do cp /bin/busybox /lib/$l; done
		echo /lib/libgcc_s.so.1 > /etc/ld.so.preload; sleep 1000' > /dev/null
	wait_for 5 rl exec c test -e /etc/ld.so.preload
	mkdir s
	echo x > s/f
	tar -C s -cz . | rl cp - c:/tmp
	tar -C s -cJ . | rl cp - c:/tmp
	rl cp c:/tmp - | tar -t > list
	run_rl cp c:/tmp/f f
	rl export c > /dev/null
	run_rl exec c sh -c 'ls /tmp'
	is "$output" f
}

@test "an archive for cp does not leave its directory" {
	rl run -d --name c --network=none $BB sleep 1000 > /dev/null
	mkdir -p a/b
	echo evil > a/f
	run -125 bash -c "tar -C a/b -cP ../f | '$ROOTLET' --root '$ROOT' cp - c:/tmp"
	run_rl exec c ls /
	unlike "$output" "*f
*evil*"
	run_rl 1 exec c test -e /f
}
