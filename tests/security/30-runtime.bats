#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Attacks on the container core: races with the start, system calls, descriptors, messages.

load helpers
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; bait; }
teardown() { stop_swapper; unbait; common_teardown; }

# What the payload, a Python program on the host's files, says of system calls.
probe() {
	run_rl run --rm --network=none "$@"
}

@test "CVE-2021-30465, CVE-2024-45310: a mount target swapped for a link while containers start" {
	need python3
	mkdir -p vol/a/b src
	echo mine > src/mark
	before=$(wc -l < /proc/self/mountinfo)
	start_swapper "$PWD/vol/a" "$BAIT-victim-dir"
	for i in $(seq 60); do
		rl run --rm --network=none -v "$PWD/vol:/v" -v "$PWD/src:/v/a/new$i/dir" -v "$PWD/src/mark:/v/a/file$i" \
			$BB cat "/v/a/new$i/dir/mark" > out 2> /dev/null || true
	done
	stop_swapper
	bait_is_whole
	is "$(ls -A "$BAIT-victim-dir")" inside
	is "$(wc -l < /proc/self/mountinfo)" "$before"
}

@test "CVE-2022-0185, CVE-2022-0492: no namespaces, no mounts, no cgroup v1 without CAP_SYS_ADMIN" {
	for c in 'unshare -U true' 'unshare -m true' 'mount -t cgroup -o memory x /mnt' 'mount -t tmpfs x /mnt'; do
		run_rl '?' run --rm --network=none $BB sh -c "$c"
		[ "$status" -ne 0 ]
		run_rl '?' run --rm --network=none --cap-add SYS_CHROOT,NET_ADMIN $BB sh -c "$c"
		[ "$status" -ne 0 ]
	done
}

@test "CVE-2026-31431, CVE-2019-10063: dangerous socket families, also with a dirty upper half" {
	need python3
	probe host:/ python3 -c '
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
def sock(family, protocol=0):
    r = libc.syscall(ctypes.c_long(41), ctypes.c_ulong(family), ctypes.c_ulong(3), ctypes.c_ulong(protocol))
    return "ok" if r >= 0 else errno.errorcode[ctypes.get_errno()]
print(sock(38), sock(38 | 1 << 32), sock(15), sock(40), sock(16, 9), sock(16, 12), sock(16, 0), sock(1))'
	[ "$(uname -m)" = x86_64 ] || skip "the numbers are of x86_64"
	is "$output" "EAFNOSUPPORT EAFNOSUPPORT EAFNOSUPPORT EPERM EINVAL EPERM ok ok"
}

@test "system calls that are refused give EPERM, unknown ones ENOSYS" {
	need python3
	[ "$(uname -m)" = x86_64 ] || skip "the numbers are of x86_64"
	probe host:/ python3 -c '
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
def call(nr, *a):
    r = libc.syscall(ctypes.c_long(nr), *[ctypes.c_ulong(x) for x in a])
    return "ok" if r >= 0 else errno.errorcode[ctypes.get_errno()]
print(*[call(n) for n in (321, 298, 323, 246, 175, 134, 435, 425, 248, 9999)])'
	is "$output" "EPERM EPERM EPERM EPERM EPERM EPERM ENOSYS ENOSYS ENOSYS ENOSYS"
}

@test "CVE-2021-43784: long environments, many mounts and long arguments arrive whole" {
	big=$(head -c 70000 /dev/zero | tr '\0' x)
	run_rl run --rm --network=none -e "BIG=$big" $BB sh -c 'echo ${#BIG}'
	is "$output" 70000
	args=()
	mkdir src
	for i in $(seq 200); do args+=(-v "$PWD/src:/m/$i:ro"); done
	run_rl run --rm --network=none "${args[@]}" $BB sh -c 'ls /m | wc -l; grep -c " /m/" /proc/self/mountinfo'
	is "$output" $'200\n200'
}

@test "CVE-2024-9407: mount options that are on no list are refused" {
	mkdir src
	for o in bogus 'bind-propagation=evil' 'shared,context=x' 'lowerdir=/etc' 'size=1m'; do
		run_rl '?' run --rm --network=none -v "$PWD/src:/m:$o" $BB true
		[ "$status" -ne 0 ] || { echo "taken: $o"; false; }
		run_rl '?' run --rm --network=none --mount "type=bind,src=$PWD/src,dst=/m,$o" $BB true
		[ "$status" -ne 0 ] || { echo "taken: $o"; false; }
	done
}

@test "a read-only bind is read-only for everything below it" {
	mkdir -p src
	for o in ro ro,rbind; do
		run_rl '?' run --rm --network=none -v "/:/h:$o" $BB sh -c \
			'for d in /h/tmp /h/dev/shm /h/run /h/proc/sys/kernel; do touch $d/x 2>/dev/null && echo wrote $d; done; true'
		unlike "$output" "*wrote*"
	done
}

@test "the payload is the leader of a session without the caller's terminal" {
	run_rl run --rm --network=none $BB sh -c 'cut -d" " -f 6,7 /proc/1/stat'
	is "$output" "1 0"
	run_rl run -d --network=none --name c $BB sleep 100
	run_rl '?' exec c sh -c ': < /dev/tty'
	[ "$status" -ne 0 ]
}

@test "an unreadable or odd working directory, a relative PATH" {
	run_rl '?' run --rm --network=none -w /proc/1/root $BB pwd
	unlike "$output" "*unreachable*"
	run_rl 127 run --rm --network=none -e PATH=.: -w /bin $BB busybox
	run_rl 126 run --rm --network=none $BB /etc/passwd
}
