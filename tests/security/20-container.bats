#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Published attacks from inside a container or by a crafted image. Each test names its CVE.

load helpers
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; bait; }
teardown() { unbait; rl rmi -f localhost/evil > /dev/null 2>&1; common_teardown; }

PATHS='{"Env":["PATH=/bin:/sbin:/usr/bin"],"Cmd":["true"]'

@test "CVE-2019-5736: /proc/self/exe of the engine is not writable from inside" {
	# Ours, so that nothing but the engine stands in the way of whom has our uid.
	cp "$BUILD/rootlet" "$BUILD/rootlet-image" .
	ROOTLET=$PWD/rootlet
	before=$(sha256sum < "$ROOTLET")
	entries e.tar 'file("evil", "#!/proc/self/exe\n", 0o755)' 'file("evil2", "#!/evil\n", 0o755)'
	evil_image evil "$PATHS}" e.tar
	for c in /evil /evil2 /proc/self/exe; do
		run_rl 126 run --rm --network=none localhost/evil $c
		like "$output" "*it would run the container engine inside the container*"
	done
	run_rl run -d --network=none --name c --cap-add SYS_PTRACE localhost/evil sh -c 'for i in $(seq 200); do for p in /proc/[0-9]*; do
		[ ! -e $p/exe ] || case $(readlink $p/exe) in */rootlet*) echo $p >> /seen; echo x > $p/exe;; esac; done 2> /dev/null; sleep 0.01; done'
	for i in 1 2 3 4 5; do
		rl exec c true
		run_rl 126 exec c /evil
		run_rl 126 exec c /proc/self/exe true
	done
	run_rl 1 exec c cat /seen
	is "$(sha256sum < "$ROOTLET")" "$before"
	# While a container runs nobody may write to it, by whatever name he has found it.
	run bash -c "echo x >> '$ROOTLET'"
	like "$output" "*Text file busy*"
	run_rl rm -f -t 0 c
}

@test "CVE-2024-21626: no descriptor of the host is left in the payload, WORKDIR and -w into /proc/self/fd" {
	# 3 is the directory that ls reads.
	run_rl run --rm --network=none $BB sh -c 'exec ls /proc/self/fd'
	is "$output" $'0\n1\n2\n3'
	for fd in 3 4 5 6 7 8 9 10 15; do
		run_rl '?' run --rm --network=none -w "/proc/self/fd/$fd" $BB cat ../../../../etc/hostname
		unlike "$output" "$(cat /etc/hostname)"
		run_rl '?' run --rm --network=none -w "/proc/self/fd/$fd/../../../../../../../../../../../..$BAIT_DIR" $BB ls
		unlike "$output" "*-victim*"
	done
	run_rl run -d --network=none --name c $BB sleep 100
	for fd in 3 4 5 6 7 8 9 10; do
		run_rl '?' exec -w "/proc/self/fd/$fd" c ls
		unlike "$output" "*-victim*"
	done
	# Descriptors of the caller do not arrive either.
	for args in "run --rm --network=none $BB" "exec c"; do
		run rl $args ls /proc/self/fd 7< /etc/passwd 8< /tmp
		is "$output" $'0\n1\n2\n3'
	done
	run_rl exec c sh -c 'for f in /proc/1/fd/*; do readlink $f; done'
	unlike "$output" "*$ROOT*"
}

@test "CVE-2019-16884, CVE-2019-19921: /proc, /sys and /dev of the image as symbolic links or volumes" {
	"$LIB/mktar" evil-proc e.tar
	entries pre.tar 'file(".wh.proc"); file(".wh.sys"); file(".wh.dev"); file(".wh.etc")'
	evil_image evil "$PATHS}" pre.tar e.tar
	run_rl 126 run --rm --network=none localhost/evil true
	bait_is_whole
	is "$(ls -A /tmp | grep -cE '^(null|zero|console|pts|shm|resolv.conf|hosts|hostname)$')" 0
	rl rmi -f localhost/evil || true
	evil_image evil "$PATHS,\"Volumes\":{\"/proc\":{},\"/sys\":{},\"/dev\":{}}}"
	run_rl '?' run --rm --network=none localhost/evil cat /proc/self/attr/current
	run_rl '?' run --rm --network=none localhost/evil stat -f -c %T /proc
	[ "$status" -ne 0 ] || like "$output" "*proc*"
}

@test "CVE-2022-23648, CVE-2021-30465: VOLUME with .. or through symbolic links stays inside" {
	entries e.tar 'sym("link", "'$BAIT_DIR'")' 'sym("up", "'$(printf '../%.0s' $(seq 40))$BAIT_DIR'")'
	evil_image evil "$PATHS,\"Volumes\":{\"/../../../../../..$BAIT-victim-dir\":{}}}" e.tar
	run_rl '?' run --rm --network=none localhost/evil cat $BAIT-victim-dir/inside
	[ "$status" -ne 0 ]
	like "$output" "*is not an absolute path below /*"
	bait_is_whole
	rl rmi -f localhost/evil || true
	evil_image evil "$PATHS,\"Volumes\":{\"/link/${BAIT##*/}-escaped\":{},\"/up/${BAIT##*/}-up\":{}}}" e.tar
	run_rl '?' run --rm --network=none localhost/evil true
	bait_is_whole
	[ ! -e "$BAIT-up" ]
}

@test "CVE-2019-18837: a mount target that is a symbolic link to the host's path" {
	entries e.tar "dir('$BAIT-victim-dir'[1:])" "sym('target', '$BAIT-victim-dir')" "sym('abs', '/../../..$BAIT-victim-dir')"
	evil_image evil "$PATHS}" e.tar
	mkdir src
	echo mine > src/f
	for t in target abs; do
		run_rl run --rm --network=none -v "$PWD/src:/$t" localhost/evil cat /$t/f $BAIT-victim-dir/f
		is "$output" $'mine\nmine'
	done
	bait_is_whole
}

@test "CVE-2026-55686: WORKDIR through a symbolic link makes nothing on the host" {
	entries e.tar "dir('$BAIT-victim-dir'[1:])" "sym('w', '$BAIT-victim-dir')"
	evil_image evil "$PATHS,\"WorkingDir\":\"/w/new/dir\"}" e.tar
	run_rl run --rm --network=none localhost/evil pwd -P
	is "$output" "$BAIT-victim-dir/new/dir"
	bait_is_whole
}

@test "CVE-2016-3697, CVE-2024-40635, CVE-2026-46680: numeric users are numbers, overflow is an error" {
	entries e.tar 'file("etc/passwd", "1000:x:0:0:root:/:/bin/sh\nroot:x:0:0::/:/bin/sh\n4294967296:x:0:0::/:/bin/sh\n")'
	evil_image evil "$PATHS}" e.tar
	run_rl run --rm --network=none --user 1000 localhost/evil id -u
	is "$output" 1000
	for u in 4294967296 4294967295 99999999999999999999 -1 2147483648:4294967296; do
		run_rl '?' run --rm --network=none --user="$u" localhost/evil id -u
		unlike "$output" "0"
		[ "$status" -ne 0 ]
	done
}

@test "CVE-2026-30892: a malformed user is an error, never root" {
	for u in ':' '::' ':0x' '0x0:' '1000:' ' 0' '0 ' '+0' '00a'; do
		run_rl '?' run --rm --network=none --user "$u" $BB id -u
		[ "$status" -ne 0 ] || case $u in
		1000:) is "$output" 1000 ;;
		*) echo "user '$u' was taken: $output"; false ;;
		esac
	done
}

@test "CVE-2022-27649: inheritable and ambient capabilities are empty" {
	run_rl run --rm --network=none $BB grep -E 'CapInh|CapAmb' /proc/self/status
	unlike "$output" "*[1-9a-f]*[0-9a-f][0-9a-f]*" || is "$(grep -c 0000000000000000 <<< "$output")" 2
	is "$(grep -c 0000000000000000 <<< "$output")" 2
	run_rl run -d --network=none --name c $BB sleep 100
	run_rl exec c grep -E 'CapInh|CapAmb' /proc/self/status
	is "$(grep -c 0000000000000000 <<< "$output")" 2
}

@test "CVE-2018-10856, CVE-2021-20188: a user that is not root has no capabilities, privileged or not" {
	run_rl run --rm --network=none --user 1000 $BB grep -E 'Cap(Prm|Eff)' /proc/self/status
	is "$(grep -c 0000000000000000 <<< "$output")" 2
	run_rl run --rm --network=none --user 1000 --privileged $BB grep -E 'Cap(Prm|Eff)' /proc/self/status
	is "$(grep -c 0000000000000000 <<< "$output")" 2
}

@test "CVE-2022-2989: supplementary groups are those of the image's user and the primary one" {
	run_rl run --rm --network=none --user user $BB sh -c 'id -G | tr " " "\n" | sort -n | uniq | tr "\n" " "'
	is "$output" "10 1000 2000 "
	run_rl run --rm --network=none --user 1000:1000 $BB id -G
	like " $output " "* 1000 *"
}

@test "CVE-2022-4318: a newline in HOME or a user adds no line to /etc/passwd" {
	run_rl '?' run --rm --network=none -e 'HOME=/x
evil:x:0:0::/:/bin/sh' --user 4321 $BB cat /etc/passwd
	is "$(grep -c '^evil' <<< "$output")" 0
}

@test "CVE-2022-0811: sysctls that are not of a namespace, or injected, are refused" {
	# By us, and not because the kernel lets this user write none of them.
	run_rl 125 run --rm --network=none --sysctl kernel.core_pattern=x $BB true
	like "$output" "*is not allowed: *"
	run_rl 126 run --rm --network=none --sysctl 'kernel.shm_rmid_forced=1+kernel.core_pattern=x' $BB true
	run_rl 125 run --rm --network=none --sysctl 'net/../kernel/core_pattern=x' $BB true
	like "$output" "*is not a key*"
	run_rl 125 run --rm --network=host --sysctl net.ipv4.ip_forward=1 $BB true
	like "$output" "*can't be set since Network Namespace set to host*"
}

@test "CVE-2024-9676, CVE-2026-47262: /etc/passwd and /etc/group as link, FIFO or giant" {
	# What the host has at that path would make the user known.
	echo 'evil:x:4242:4242::/:/bin/sh' > $BAIT-victim-dir/inside
	entries e.tar "sym('etc/passwd', '$BAIT-victim-dir/inside')" "sym('etc/group', '$BAIT-victim-dir/inside')"
	evil_image evil "$PATHS}" e.tar
	run_rl 126 run --rm --network=none --user evil localhost/evil true
	like "$output" "*unable to find user evil*"
	rl rmi -f localhost/evil
	entries e.tar 'put("etc/passwd", tarfile.FIFOTYPE, 0o644)' 'put("etc/group", tarfile.FIFOTYPE, 0o644)'
	evil_image evil "$PATHS}" e.tar
	run timeout -k 1 10 "$ROOTLET" --root "$ROOT" run --rm --network=none --user nobody localhost/evil true
	[ "$status" -ne 124 ]
	like "$output" "*/etc/passwd of the container is not a regular file*"
	rl rmi -f localhost/evil
	entries e.tar 'file("etc/passwd", "x" * 40000000)' 'file("etc/group", "g:x:1:" + "u," * 10000000)'
	evil_image evil "$PATHS}" e.tar
	run timeout 20 "$ROOTLET" --root "$ROOT" run --rm --network=none --user nobody localhost/evil true
	[ "$status" -ne 124 ]
	like "$output" "*/etc/passwd of the container is larger than 8 MiB*"
}

@test "CVE-2025-31133, CVE-2025-52565: masked paths and /dev/console with a hostile /dev/null" {
	entries e.tar 'sym("dev/null", "/proc/sysrq-trigger")' 'sym("dev/console", "/proc/sysrq-trigger")' 'sym("dev/pts", "/proc")'
	evil_image evil "$PATHS}" e.tar
	run_rl '?' run --rm --network=none localhost/evil sh -c 'stat -c %t:%T /dev/null; for f in /proc/kcore /proc/keys /proc/timer_list; do [ ! -e $f ] || wc -c < $f; done | sort -u'
	[ "$status" -ne 0 ] || is "$output" $'1:3\n0'
	run_rl run --rm --network=none $BB sh -c 'for p in /proc/kcore /proc/keys /proc/timer_list /proc/sched_debug; do [ -e $p ] && wc -c < $p; done; for d in /proc/acpi /proc/scsi /sys/firmware; do [ -d $d ] && ls $d; done; true'
	unlike "$output" "*[1-9]*"
}

@test "/proc/sys and the like are read-only" {
	for p in sysrq-trigger sys/kernel/hostname sys/vm/panic_on_oom irq/default_smp_affinity; do
		run_rl '?' run --rm --network=none $BB sh -c "echo x > /proc/$p"
		[ "$status" -ne 0 ]
	done
	# All of it, and not only what root of the host owns: this much of /proc/sys is the container's own.
	for p in net/ipv4/ip_default_ttl kernel/msgmax; do
		run_rl '?' run --rm --network=none $BB sh -c "cat /proc/sys/$p > /proc/sys/$p"
		like "$output" "*Read-only file system*"
	done
	run_rl run --rm --network=none $BB sh -c 'for p in bus fs irq sys sysrq-trigger; do
		[ ! -e /proc/$p ] || grep -qE " /proc/$p ro[, ]" /proc/self/mountinfo || echo "$p can be written"; done'
	is "$output" ""
}

@test "CVE-2023-25809: the cgroup tree of the host is not writable" {
	run_rl '?' run --rm --network=none --cgroupns=host $BB sh -c 'for f in $(find /sys/fs/cgroup -maxdepth 3 -name cgroup.procs); do [ -w $f ] && (echo $$ > $f) 2> /dev/null && echo wrote $f; done; true'
	unlike "$output" "*wrote*"
	run_rl '?' run --rm --network=none -v /sys:/sys:ro $BB sh -c 'mkdir /sys/fs/cgroup/unified/evil /sys/fs/cgroup/evil 2> /dev/null && echo made'
	unlike "$output" "*made*"
	# Also where the user may write nothing in it today.
	for args in "--network=host --cgroupns=host" "--network=host" "--network=none -v /sys:/sys:ro"; do
		run_rl run --rm $args $BB sh -c 'grep -c " /sys" /proc/self/mountinfo; grep -E " /sys[^ ]* rw" /proc/self/mountinfo || true'
		[ "${lines[0]}" -gt 0 ]
		is "${lines[1]:-}" "" "$args"
	done
}

@test "CVE-2020-15257: no socket of ours is abstract" {
	run_rl run -d --network=host --name c $BB sleep 100
	run_rl exec c sh -c 'cat /proc/net/unix'
	unlike "$output" "*@*rootlet*"
}

@test "CVE-2022-1227: top runs nothing of the container" {
	entries e.tar 'file("bin/ps", "#!/bin/sh\necho pwned >&2; touch /pwned\n", 0o755)'
	evil_image evil "$PATHS}" e.tar
	run_rl run -d --network=none --name c localhost/evil sleep 100
	run_rl '?' top c
	unlike "$output" "*pwned*"
	run_rl '?' exec c ls /pwned
	[ "$status" -ne 0 ]
}

@test "CVE-2022-31030, CVE-2026-53495: endless exec output and pipes kept open" {
	run_rl run -d --network=none --name c $BB sleep 1000
	timeout 5 "$ROOTLET" --root "$ROOT" exec c yes 3>&- | head -c 1000 > /dev/null || true
	run timeout 20 "$ROOTLET" --root "$ROOT" exec c sh -c 'sleep 1000 & echo started' 3>&-
	is "${lines[0]}" started
	[ "$status" -ne 124 ]
}

@test "CVE-2016-9962: the processes of exec are not dumpable for the container before they are confined" {
	run_rl run -d --network=none --name c --cap-add SYS_PTRACE $BB sh -c 'while :; do for p in /proc/[0-9]*; do ls -l $p/fd $p/exe 2> /dev/null; done >> /seen; done'
	for i in $(seq 10); do rl exec c true; done
	run_rl exec c cat /seen
	unlike "$output" "*$ROOT*"
	unlike "$output" "*rootlet/*"
}

@test "new user namespaces, keyrings, bpf, mount: the default seccomp profile says no" {
	run_rl '?' run --rm --network=none --cap-drop all $BB unshare -U true
	[ "$status" -ne 0 ]
	run_rl '?' run --rm --network=none $BB mount -t tmpfs x /mnt
	[ "$status" -ne 0 ]
}

@test "CVE-2024-3154, CVE-2026-53488: labels of an image change nothing of the host's side" {
	evil_image evil "$PATHS,\"Labels\":{\"run.oci.handler\":\"krun\",\"io.podman.annotations.seccomp\":\"unconfined\",\"run.oci.keep_original_groups\":\"1\",\"io.containers.trace-syscall\":\"of:$BAIT-escaped\",\"org.systemd.property.ExecStopPost\":\"'touch $BAIT-escaped'\",\"containerd.io/log-uri\":\"binary:///bin/touch?$BAIT-escaped\",\"run.oci.hooks.stderr\":\"$BAIT-escaped\"}}"
	run_rl run --rm --network=none localhost/evil grep Seccomp: /proc/self/status
	like "$output" "*2"
	bait_is_whole
}

@test "hooks of the image's own configuration do not exist: only hooks.d of the host" {
	evil_image evil "$PATHS,\"hooks\":{\"prestart\":[{\"path\":\"/bin/touch\",\"args\":[\"touch\",\"$BAIT-escaped\"]}]}}"
	run_rl run --rm --network=none localhost/evil true
	bait_is_whole
}

@test "no quota for a keyring of its own: the user's is not left to a container without a filter" {
	[ "$(uname -m)" = x86_64 ] || missing "numbers of this machine's system calls"
	cat > fill.py <<'EOT'
import ctypes
import sys
c = ctypes.CDLL(None, use_errno=True)
n = 0
# add_key(2) into the session's keyring, which goes with this process.
c.syscall(250, 1, 0)	# KEYCTL_JOIN_SESSION_KEYRING
while c.syscall(248, b"user", b"rl%d" % n, b"x", 1, -3) >= 0:
	n += 1
print(n, flush=True)
sys.stdin.read()
c.syscall(250, 7, -3)	# KEYCTL_CLEAR
EOT
	mkfifo hold
	python3 fill.py < hold > filled &
	filler=$!
	exec 9> hold
	wait_for 20 test -s filled
	[ "$(cat filled)" -gt 0 ] || missing "no keys can be made here"
	run_rl run --rm --network=none $BB true
	run_rl 126 run --rm --network=none --security-opt seccomp=unconfined $BB true
	like "$output" "*quota*keyring = false*"
	exec 9>&-
	wait "$filler"
	wait_for 20 rl run --rm --network=none --security-opt seccomp=unconfined $BB true
}
