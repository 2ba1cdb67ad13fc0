#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cp, ports, names of hosts and health checks under the name of podman, where scripts see a difference.

load lib/common
load lib/podman

setup_file() {
	common_setup_file
	persona_setup_file podman
}
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

@test "cp: a link in a container gives the name of what it leads to, one of the host its own" {
	podman run -d --name a --network=none $BB sh -c '
		mkdir -p /w/dir; echo f > /w/file; echo d > /w/dir/d; ln -s file /w/lf; ln -s dir /w/ld; sleep 100'
	wait_for 5 podman exec a test -L /w/ld
	mkdir out dir; echo h > file; echo h > dir/h; ln -s file lf; ln -s dir ld
	podman cp a:/w/lf out; podman cp a:/w/ld out
	is "$(ls out | xargs)" "dir file"
	is "$(cat out/file out/dir/d | xargs)" "f d"
	podman cp a:/w/lf out/named
	is "$(cat out/named)" f
	podman cp lf a:/tmp; podman cp ld a:/tmp
	run -0 podman exec a sh -c 'cat /tmp/lf /tmp/ld/h'
	is "$output" $'h\nh'
	# Docker follows only when told, and keeps the name.
	(exec -a docker "$ROOTLET" --root "$ROOT" cp -L a:/w/lf out)
	is "$(cat out/lf)" f
	podman rm -f -t 0 a
}

@test "cp: nothing gives way for a device; archives" {
	podman run -d --name a --network=none $BB sleep 100
	echo keep > f
	says 125 "*operation not permitted*" cp a:/dev/null f
	is "$(cat f)" keep
	echo junk > j
	run -125 podman cp - a:/tmp < j
	like "$output" "*source must be a (compressed) tar archive when copying from stdin*"
	run -125 podman cp - a:/tmp/new < j
	like "$output" "*destination must be a directory when copying from stdin*"
	run -125 podman cp - a:/etc/passwd < j
	like "$output" "*destination must be a directory when copying from stdin*"
	podman rm -f -t 0 a
}

@test "ports: ranges in ps and port, exposed ranges, what has no ports" {
	podman run -d --name a -p 127.0.0.1:28180-28182:80-82 -p 127.0.0.1:28183:83/udp --expose 90-91 $BB sleep 100
	run -0 podman ps --format '{{.Ports}}'
	is "$output" "127.0.0.1:28180-28182->80-82/tcp, 127.0.0.1:28183->83/udp"
	# Docker's ranges are of one number on both sides, and what is only exposed is told.
	is "$(exec -a docker "$ROOTLET" --root "$ROOT" ps --format '{{.Ports}}')" "90-91/tcp, 127.0.0.1:28180->80/tcp, \
127.0.0.1:28181->81/tcp, 127.0.0.1:28182->82/tcp, 127.0.0.1:28183->83/udp"
	run -0 podman port a 81
	is "$output" 127.0.0.1:28181
	run -0 podman port a 83/udp
	is "$output" 127.0.0.1:28183
	says 125 '*failed to find published port "83"' port a 83
	run -0 podman inspect -f '{{range $k, $v := .Config.ExposedPorts}}{{$k}} {{end}}' a
	like "$output" "*90/tcp*91/tcp*"
	[[ "$output" != *90-91* ]]
	podman rm -f -t 0 a
	says 125 "*--expose*" create --expose foo $BB
	says 125 "*port ranges have different lengths: 3 vs 2*" create -p 1001-1003:80-81 $BB
	for n in none host; do
		says 0 "*Port mappings have been discarded*" run --rm --network=$n -p 28180:80 $BB true
	done
}

@test "names: hostname of the host's network, what excludes each other" {
	run -0 podman run --rm --network=host $BB hostname
	is "$output" "$(uname -n)"
	run -0 podman run --rm --network=host --hostname=x.y $BB sh -c 'hostname; echo $HOSTNAME'
	is "$output" $'x.y\nx.y'
	says 125 "*cannot set hostname when running in the host UTS namespace*" create --uts=host --hostname=x $BB
	says 125 "*--no-hosts and --add-host cannot be set together*" create --no-hosts --add-host a:1.2.3.4 $BB
	says 125 "*conflicting options: dns and the network mode: none*" create --network=none --dns=1.1.1.1 $BB
	says 125 "*conflicting options: dns and the network mode: container*" create --network=container:x --dns-search=a $BB
	says 125 "*cannot set extra host entries when the container is joined*" create --network=container:x --add-host a:1.2.3.4 $BB
	says 125 "*network not found*" create --network=nosuch $BB
	says 125 "*networks and static ip/mac address can only be used with Bridge mode networking*" create --ip 10.0.2.9 $BB
	# containers.conf is about those that have a network.
	printf '[containers]\ndns_servers = ["9.9.9.9"]\n' > c.conf
	CONTAINERS_CONF=$PWD/c.conf run -0 podman run --rm --network=none $BB true
}

@test "health: an interval of 0 leaves the checks to who asks for them" {
	podman run -d --name a --network=none --health-cmd true --health-interval=0 $BB sleep 100
	podman healthcheck run a
	run -0 podman inspect -f '{{.State.Health.Status}} {{len .State.Health.Log}}' a
	is "$output" "healthy 1"
	says 125 "*cannot specify both --no-healthcheck and --health-cmd*" create --no-healthcheck --health-cmd x $BB
	says 125 "*--health-interval 'foo': invalid duration*" create --health-cmd x --health-interval foo $BB
	podman rm -f -t 0 a
}
