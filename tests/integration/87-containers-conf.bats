#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# containers.conf: its keys count where the command line says nothing.

load lib/common
setup_file() {
	need jq
	common_setup_file
}
teardown_file() { common_teardown_file; }
setup() {
	common_setup
	export CONTAINERS_CONF=$BATS_TEST_TMPDIR/containers.conf
	: > "$CONTAINERS_CONF"
}
teardown() { common_teardown; }

conf() {
	cat > "$CONTAINERS_CONF"
}

in_container() {
	rl run --rm --network=none "$BB" sh -c "$*"
}

@test "process: env, tz, umask, ulimits, capabilities, sysctls, shm size, init, read-only" {
	conf <<- END
		[containers]
		env = ["FROM_CONF=yes", "PATH=/from/conf"]
		umask = "0077"
		default_ulimits = ["nofile=500:600", "core=0", "memlock=-1:-1"]
		default_capabilities = ["CHOWN", "CAP_KILL"]
		default_sysctls = ["net.ipv4.ip_default_ttl=99", "kernel.shmmni=77"]
		shm_size = "3m"
		read_only = true
		annotations = ["a.b=c"]
	END
	run -0 in_container 'echo $FROM_CONF $PATH; umask; ulimit -n; ulimit -Hn; grep CapBnd /proc/self/status
		cat /proc/sys/net/ipv4/ip_default_ttl /proc/sys/kernel/shmmni; df -m /dev/shm | tail -1; touch /x'\
' 2>&1 || echo read-only'
	like "${lines[0]}" "yes /*bin*"
	is "${lines[1]}" 0077
	is "${lines[2]} ${lines[3]}" "500 600"
	is "${lines[4]##*0000}" 21
	is "${lines[5]} ${lines[6]}" "99 77"
	like "${lines[7]}" "*shm * 3 *"
	like "$output" "*read-only"
	rl create --name c --annotation x=y --network=none "$BB"
	is "$(rl inspect --format '{{index .Config.Annotations "a.b"}} {{index .Config.Annotations "x"}}' c)" "c y"
	rl rm c
}

@test "the command line wins" {
	conf <<- END
		[containers]
		env = ["A=conf", "B=conf"]
		umask = "0077"
		default_ulimits = ["nofile=500:600"]
		default_sysctls = ["net.ipv4.ip_default_ttl=99"]
		read_only = true
		init = true
		http_proxy = false
		netns = "none"
		pidns = "host"
	END
	export http_proxy=http://proxy.example:1
	run -0 rl run --rm --network=slirp4netns --pid=private -e A=mine --umask 022 --ulimit nofile=100:100 \
		--sysctl net.ipv4.ip_default_ttl=55 --read-only=false --init=false --http-proxy "$BB" sh -c \
		'echo $A $B $http_proxy; umask; ulimit -n; cat /proc/sys/net/ipv4/ip_default_ttl; touch /x && echo $$
		ip -o addr show tap0 | grep -c 10.0.2.100'
	is "${lines[*]}" "mine conf http://proxy.example:1 0022 100 55 1 1"
	run -0 rl run --rm "$BB" sh -c 'echo "p:$http_proxy"; ls /sys/class/net; test $$ != 1 && echo not 1'
	is "${lines[*]}" "p: lo not 1"
}

@test "a sysctl of the file that is not the container's to set is left out" {
	conf <<- END
		[containers]
		default_sysctls = ["net.ipv4.ping_group_range=0 0", "kernel.panic=1", "net.no.such=1"]
	END
	run -0 in_container cat /proc/sys/net/ipv4/ping_group_range
	like "$output" "0*0"
	run_rl run --rm --network=host "$BB" true
}

@test "who may ping is set as the distribution's file says" {
	[ -r /usr/share/containers/containers.conf ] || skip "no /usr/share/containers/containers.conf"
	unset CONTAINERS_CONF
	grep -q '^default_sysctls' /usr/share/containers/containers.conf || skip "it sets no default_sysctls"
	want=$(sed -n 's/^[^#]*ping_group_range=\([0-9]*\) .*/\1/p' /usr/share/containers/containers.conf)
	like "$(in_container cat /proc/sys/net/ipv4/ping_group_range)" "$want*"
}

@test "names and network: dns, hosts, host address, network command and its options" {
	echo "192.0.2.7 from.base" > "$BATS_TEST_TMPDIR/hosts"
	conf <<- END
		[containers]
		dns_servers = ["192.0.2.1"]
		dns_options = ["ndots:7"]
		dns_searches = ["conf.example"]
		base_hosts_file = "$BATS_TEST_TMPDIR/hosts"
		host_containers_internal_ip = "192.0.2.9"
		[engine]
		network_cmd_options = ["cidr=10.7.0.0/24", "mtu=1400"]
	END
	run -0 rl run --rm "$BB" sh -c 'cat /etc/resolv.conf /etc/hosts; ip -o addr show tap0; cat /sys/class/net/tap0/mtu'
	like "$output" "*search conf.example*nameserver 192.0.2.1*options ndots:7*"
	like "$output" "*192.0.2.7?from.base*192.0.2.9?host.containers.internal*10.7.0.100/24*1400*"
	run -0 rl run --rm --network slirp4netns:mtu=1300 --dns 192.0.2.2 "$BB" sh -c \
		'cat /etc/resolv.conf /sys/class/net/tap0/mtu; ip -o addr show tap0'
	like "$output" "*nameserver 192.0.2.2*1300*10.7.0.100*"
	unlike "$output" "*192.0.2.1*"
	conf <<- END
		[containers]
		host_containers_internal_ip = "none"
		no_hosts = false
		[network]
		default_rootless_network_cmd = "nonsense"
	END
	run_rl 125 run --rm "$BB" true
	like "$output" "*default_rootless_network_cmd*nonsense*slirp4netns or pasta*"
	sed -i 's/nonsense/slirp4netns/' "$CONTAINERS_CONF"
	run_rl run --rm "$BB" cat /etc/hosts
	unlike "$output" "*host.containers.internal*"
}

@test "network_cmd_path" {
	printf '#!/bin/sh\necho used > %s/used\nexec slirp4netns "$@"\n' "$BATS_TEST_TMPDIR" > "$BATS_TEST_TMPDIR/slirp"
	chmod +x "$BATS_TEST_TMPDIR/slirp"
	chmod 755 "$BATS_TEST_TMPDIR"
	printf '[engine]\nnetwork_cmd_path = "%s"\n' "$BATS_TEST_TMPDIR/slirp" | conf
	run_rl run --rm "$BB" true
	is "$(cat "$BATS_TEST_TMPDIR/used")" used
}

@test "mounts, volumes and devices; the user's mount at the same place wins" {
	mkdir "$BATS_TEST_TMPDIR/a" "$BATS_TEST_TMPDIR/b"
	echo a > "$BATS_TEST_TMPDIR/a/f"
	echo b > "$BATS_TEST_TMPDIR/b/f"
	conf <<- END
		[containers]
		volumes = ["$BATS_TEST_TMPDIR/a:/v:ro"]
		mounts = ["type=tmpfs,destination=/t,tmpfs-size=1m"]
		devices = ["/dev/zero:/dev/mine"]
	END
	run -0 in_container 'cat /v/f; grep -c " /t tmpfs" /proc/mounts; head -c1 /dev/mine | wc -c'
	is "${lines[*]}" "a 1 1"
	run -0 rl run --rm --network=none -v "$BATS_TEST_TMPDIR/b:/v" "$BB" cat /v/f
	is "$output" b
	echo 'volumes = ["x:/a:nonsense"]' | { echo '[containers]'; cat; } | conf
	run_rl 125 run --rm --network=none "$BB" true
	like "$output" "*containers.conf: volumes*nonsense*"
}

@test "engine: stop timeout, pull policy, detach keys; drop-ins and the override" {
	conf <<- END
		[containers]
		tz = "local"
		container_name_as_hostname = true
		[engine]
		stop_timeout = 3
		pull_policy = "never"
	END
	rl create --name named --network=none "$BB" hostname
	is "$(rl inspect --format '{{.Config.StopTimeout}}' named)" 3
	is "$(rl start -a named)" named
	rl rm named
	run_rl 125 create localhost:1/no/such
	like "$output" "*image not known"
	unset CONTAINERS_CONF
	export XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config
	mkdir -p "$XDG_CONFIG_HOME/containers/containers.conf.d"
	printf '[containers]\nenv = ["X=file"]\numask="0011"\n' > "$XDG_CONFIG_HOME/containers/containers.conf"
	printf '[containers]\nenv = ["X=drop"]\n' > "$XDG_CONFIG_HOME/containers/containers.conf.d/1.conf"
	run -0 in_container 'echo $X; umask'
	is "${lines[*]}" "drop 0011"
	printf '[containers]\numask = "0007"\n' > "$BATS_TEST_TMPDIR/over.conf"
	CONTAINERS_CONF_OVERRIDE=$BATS_TEST_TMPDIR/over.conf run -0 in_container 'echo $X; umask'
	is "${lines[*]}" "drop 0007"
}

@test "a wrong value is told with its key" {
	printf '[containers]\nshm_size = "much"\n' | conf
	run_rl 125 run --rm --network=none "$BB" true
	like "$output" "*containers.conf: shm_size = 'much'*"
	printf '[containers]\ndefault_capabilities = ["NOPE"]\n' | conf
	run_rl 125 run --rm --network=none "$BB" true
	like "$output" "*default_capabilities*NOPE*"
	printf '[containers]\ndefault_ulimits = ["nofile"]\n' | conf
	run_rl 125 run --rm --network=none "$BB" true
	like "$output" "*default_ulimits*nofile*"
	printf '[containers\n' | conf
	run_rl run --rm --network=none "$BB" true
	like "$output" "*warning*containers.conf*"
}
