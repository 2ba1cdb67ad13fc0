#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Networks: none, host, slirp4netns and its options, container:, ports, names.

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; need slirp4netns; }
teardown() { common_teardown; stop_servers; }

# serve PORT TEXT [ADDR]: answers TEXT to every TCP connection on the host.
serve() {
	python3 -c '
import socket, sys
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind((sys.argv[3], int(sys.argv[1]))); s.listen(8)
while True:
    c, _ = s.accept(); c.sendall(sys.argv[2].encode()); c.close()' "$1" "$2" "${3:-127.0.0.1}" 3>&- &
	echo $! >> "$BATS_TEST_TMPDIR/servers"
	wait_for 5 python3 -c "import socket; socket.create_connection(('${3:-127.0.0.1}', $1), 1)"
}

stop_servers() {
	[ ! -e "$BATS_TEST_TMPDIR/servers" ] || kill $(cat "$BATS_TEST_TMPDIR/servers") 2> /dev/null || true
}

# get PORT [ADDR]: what the server there says.
get() {
	python3 -c '
import socket, sys
c = socket.create_connection((sys.argv[2], int(sys.argv[1])), 5); c.settimeout(5)
d = b""
while True:
    p = c.recv(4096)
    if not p: break
    d += p
print(d.decode().strip())' "$1" "${2:-127.0.0.1}"
}

# answers PORT TEXT [ADDR]
answers() { [ "$(get "$1" "${3:-}" 2> /dev/null)" = "$2" ]; }

@test "none: loopback alone, and it is up" {
	run_rl run --rm --network=none $BB sh -c 'ls /sys/class/net; ip addr show lo | grep -o "inet 127.0.0.1"'
	is "$output" $'lo\ninet 127.0.0.1'
}

@test "host: the host's own" {
	mine=$(readlink /proc/self/ns/net)
	run_rl run --rm --network=host $BB readlink /proc/self/ns/net
	is "$output" "$mine"
	port=$(free_port)
	serve "$port" from-host
	run_rl run --rm --network=host $BB nc -w 2 127.0.0.1 "$port"
	is "$output" from-host
}

@test "slirp4netns is the default: an address, a route, a name server" {
	run_rl run --rm $BB sh -c 'ip -4 addr show tap0 | grep -o "inet [0-9./]*"; ip route | grep default; cat /etc/resolv.conf'
	like "$output" "*inet 10.0.2.100/24*"
	like "$output" "*default via 10.0.2.2*"
	like "$output" "*nameserver 10.0.2.3*"
}

@test "slirp4netns: cidr, mtu, host loopback" {
	run_rl run --rm --network slirp4netns:cidr=10.77.0.0/24,mtu=1400 $BB sh -c 'ip addr show tap0'
	like "$output" "*10.77.0.100/24*"
	like "$output" "*mtu 1400*"
	port=$(free_port)
	serve "$port" loop
	run_rl run --rm --network slirp4netns:allow_host_loopback=true $BB nc -w 5 10.0.2.2 "$port"
	is "$output" loop
	run_rl '?' run --rm $BB nc -w 2 10.0.2.2 "$port"
	unlike "$output" "*loop*"
}

@test "slirp4netns: IPv6" {
	run_rl run --rm --network slirp4netns:enable_ipv6=true $BB sh -c 'for i in 1 2 3 4 5 6 7 8 9 10; do ip -6 addr show tap0 | grep -q fd00 && break; sleep 0.3; done; ip -6 addr show tap0'
	like "$output" "*fd00::*"
}

@test "slirp4netns: a wrong option is named" {
	run_rl '?' run --rm --network slirp4netns:no_such=1 $BB true
	[ "$status" -ge 125 ]
	like "$output" "*no_such*"
	run_rl '?' run --rm --network slirp4netns:cidr=banana $BB true
	[ "$status" -ge 125 ]
	like "$output" "*banana*"
	run_rl '?' run --rm --network no-such-network $BB true
	[ "$status" -ge 125 ]
	like "$output" "*no-such-network*"
}

@test "-p: host port to container port, tcp" {
	port=$(free_port)
	run_rl run -d --name web -p "$port:8080" $BB sh -c 'while :; do echo hello | nc -l -p 8080; done'
	wait_for 10 answers "$port" hello
	run_rl port web
	is "$output" "8080/tcp -> 0.0.0.0:$port"
	run_rl port web 8080/tcp
	like "$output" "0.0.0.0:$port"
	run_rl ps --format '{{.Ports}}'
	is "$output" "0.0.0.0:$port->8080/tcp"
}

@test "-p: on one address only" {
	port=$(free_port)
	run_rl run -d --name web -p "127.0.0.1:$port:8080" $BB sh -c 'while :; do echo one | nc -l -p 8080; done'
	wait_for 10 answers "$port" one
	addr=$(ip -4 -o addr show scope global | awk '{ sub(/\/.*/, "", $4); print $4; exit }')
	[ -z "$addr" ] || ! get "$port" "$addr"
	run_rl inspect --format '{{json .NetworkSettings.Ports}}' web
	is "$(echo "$output" | jq -r '.["8080/tcp"][0] | .HostIp + " " + .HostPort')" "127.0.0.1 $port"
}

@test "-p: udp" {
	is_peer && skip "about rootlet: busybox has no UDP, so the host's python is run"
	port=$(free_port)
	run_rl run -d --name u -p "$port:9000/udp" host:/ python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("0.0.0.0", 9000))
while True:
    print(s.recvfrom(999), flush=True)'
	arrives() {
		python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(b"datagram", ("127.0.0.1", int(sys.argv[1])))' "$port"
		rl logs u | grep -q datagram
	}
	wait_for 10 arrives
}

@test "-p: a range, a random port" {
	a=$(free_port)
	run_rl run -d --name r -p "$a-$((a + 2)):7000-7002" $BB sleep 100
	run_rl port r
	is "${#lines[@]}" 3
	like "$output" "*7002/tcp -> 0.0.0.0:$((a + 2))*"
	run_rl run -d --name x -p 8080 $BB sh -c 'while :; do echo random | nc -l -p 8080; done'
	run_rl port x 8080
	p=${output##*:}
	[ "$p" -gt 1023 ]
	wait_for 10 answers "$p" random
}

@test "-P publishes what the image exposes, --expose what one asks" {
	run_rl run -d --name e -P --expose 5555 $BB sleep 100
	run_rl port e
	like "$output" "5555/tcp -> 0.0.0.0:*"
}

@test "-p: a taken port is an error that names it" {
	port=$(free_port)
	serve "$port" busy 0.0.0.0
	run_rl '?' run --rm -p "$port:80" $BB true
	[ "$status" -ge 125 ]
	like "$output" "*$port*"
	run_rl ps -aq
	is "$output" ""
}

@test "-p: a privileged port says what the limit is" {
	[ "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)" -gt 80 ] || skip "port 80 is free for all here"
	run_rl '?' run --rm -p 80:80 $BB true
	[ "$status" -ge 125 ]
	is_peer || like "$output" "*ip_unprivileged_port_start*"
}

@test "-p: malformed values" {
	for v in x 1:x 99999:80 80:99999 1.2.3:80:80 80:80/xyz 10-20:30-31 :::; do
		run_rl 125 create --name m -p "$v" $BB true
	done
}

@test "two containers in one network" {
	run_rl run -d --name a --network=none $BB sh -c 'while :; do echo neighbour | nc -l -p 7000; done'
	talk() { rl run --rm --network container:a $BB nc -w 2 127.0.0.1 7000 | grep -q neighbour; }
	wait_for 10 talk
	run_rl '?' run --rm --network container:no-such $BB true
	[ "$status" -ge 125 ]
}

@test "ns: a network namespace by path" {
	run_rl run -d --name a --network=none $BB sleep 100
	pid=$(rl inspect --format '{{.State.Pid}}' a)
	run_rl run --rm --network "ns:/proc/$pid/ns/net" $BB readlink /proc/self/ns/net
	is "$output" "$(rl exec a readlink /proc/self/ns/net)"
}

@test "hosts: localhost, our own name, --add-host, --no-hosts" {
	run_rl run --rm --hostname box --name boxed --add-host db:10.1.2.3 $BB cat /etc/hosts
	like "$output" "*127.0.0.1*localhost*"
	like "$output" "*10.1.2.3*db*"
	like "$output" "*box*"
	run_rl '?' run --rm --no-hosts $BB cat /etc/hosts
	unlike "$output" "*127.0.0.1*"
	run_rl 125 run --rm --add-host nonsense $BB true
}

@test "dns: --dns, --dns-search, --dns-option" {
	run_rl run --rm --dns 9.9.9.9 --dns-search example.org --dns-option ndots:3 $BB cat /etc/resolv.conf
	like "$output" "*nameserver 9.9.9.9*"
	like "$output" "*search example.org*"
	like "$output" "*options ndots:3*"
	unlike "$output" "*10.0.2.3*"
	run_rl 125 run --rm --dns not-an-address $BB true
}

@test "hostname: the short id unless --hostname; uts=host" {
	run_rl run --rm --network=none $BB hostname
	is "${#output}" 12
	run_rl run --rm --network=none --uts=host $BB hostname
	is "$output" "$(hostname)"
}
