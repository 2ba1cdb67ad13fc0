#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What reaches a container from the network and what leaves it.

load helpers
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

# Who the container's sockets of a protocol are connected with, as in /proc/net/PROTO.
peers() {
	rl exec c awk '$4 == "01" { sub(":.*", "", $3); print substr($3, length($3) - 7) }' "/proc/net/$1" "/proc/net/${1}6"
}

@test "CVE-2021-20199: a published port shows no client as the container's own localhost" {
	need slirp4netns python3
	local port=$(free_port) udp_port=$(free_port) host
	run_rl run -d --name c -p "$port:80" $BB nc -ll -p 80 -e cat
	host=$(ip -4 -o addr show scope global 2> /dev/null | awk '{ sub("/.*", "", $4); print $4; exit }')
	for to in 127.0.0.1 $host; do
		wait_for 5 bash -c "exec 4<> /dev/tcp/$to/$port"
		exec 4<> "/dev/tcp/$to/$port"
		echo hello >&4
		read -r -t 5 answer <&4
		is "$answer" hello
		# 0100007F is 127.0.0.1.
		run peers tcp
		[ -n "$output" ]
		unlike "$output" *7F
		exec 4>&-
	done
	run_rl run -d --name u -p "$udp_port:8000/udp" host:/ python3 -uc 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("", 8000))
while True: print("peer", s.recvfrom(9)[1][0])'
	for to in 127.0.0.1 $host; do
		had=$(rl logs u | wc -l)
		wait_for 5 bash -c "echo hello > /dev/udp/$to/$udp_port; '$ROOTLET' --root '$ROOT' logs u | tail -n +$((had + 1)) | grep -q peer"
	done
	run_rl logs u
	unlike "$output" "*peer 127.*"
}

@test "CVE-2024-29018: a container without a network asks nobody for names" {
	run_rl run -d --network=none --name c $BB sleep 1000
	# Whatever resolv.conf says: there is no way to it.
	for args in "exec c" "run --rm --network=container:c $BB" "run --rm --network=none $BB"; do
		run_rl '?' $args sh -c 'tail -n +2 /proc/net/route | wc -l; ls /sys/class/net'
		like "$output" $'0\nlo*'
		run_rl '?' $args timeout 2 nslookup -type=a example.invalid
		[ "$status" -ne 0 ]
		unlike "$output" "*NXDOMAIN*"
		unlike "$output" "*SERVFAIL*"
	done
}

@test "CVE-2020-1983, CVE-2020-7039, CVE-2020-8608, CVE-2020-29129, CVE-2021-3592: slirp4netns's death is the network's only" {
	need slirp4netns
	run_rl run -d --name c $BB sleep 1000
	local pid=$(pgrep -n -u "$(id -u)" -x slirp4netns)
	[ -n "$pid" ]
	# In a sandbox: a root of its own, no way to new privileges, a filter, no capabilities.
	run grep -E '^(NoNewPrivs|Seccomp|CapEff):' "/proc/$pid/status"
	# CAP_NET_BIND_SERVICE may be left.
	like "$output" "*CapEff:*0000000000000[04]00*"
	like "$output" "*NoNewPrivs:*1*"
	like "$output" "*Seccomp:*2*"
	kill -9 "$pid"
	run_rl exec c echo alive
	is "$output" alive
	run_rl inspect --format '{{.State.Running}}' c
	is "$output" true
}

@test "CVE-2023-4004, CVE-2024-1086: netfilter is out of reach without CAP_NET_ADMIN" {
	need python3
	# NETLINK_NETFILTER; then the way by a user namespace of its own; a filter of the old kind last.
	local probe='import ctypes, socket
libc = ctypes.CDLL(None, use_errno=True)
def nft():
    try: socket.socket(16, 3, 12).close(); return "open"
    except OSError: return "closed"
print(nft(), libc.unshare(0x10000000 | 0x40000000), nft())
raw = socket.socket()
try: raw.setsockopt(0, 64, b"\0" * 84); print("set")
except OSError: print("refused")'
	run_rl run --rm --network=none host:/ python3 -c "$probe"
	is "$output" $'closed -1 closed\nrefused'
	run_rl run --rm --network=none --user 1000 host:/ python3 -c "$probe"
	is "$output" $'closed -1 closed\nrefused'
	run_rl run --rm --network=none --cap-add NET_ADMIN host:/ python3 -c "$probe"
	like "$output" "open -1 open*"
}

@test "CVE-2021-3592, CVE-2020-7039: doctor warns of a libslirp that is known to be broken" {
	mkdir bin
	for v in 4.1.0:degraded 4.5.9:degraded 4.6.1:ok 5.0.0:ok; do
		printf '#!/bin/sh\necho "slirp4netns version 1.2.0"\necho "libslirp: %s"\n' "${v%:*}" > bin/slirp4netns
		chmod +x bin/slirp4netns
		PATH=$PWD/bin:$PATH run_rl '?' doctor --format '{{.name}}={{.status}}'
		like $'\n'"$output"$'\n' *$'\n'"libslirp=${v#*:}"$'\n'*
	done
}
