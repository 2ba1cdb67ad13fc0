#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What an image says of itself is data: its environment, texts, names, files the engine writes too.

load helpers
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; bait; }
teardown() { unbait; rl rmi -f localhost/evil > /dev/null 2>&1; common_teardown; }

PATHS='{"Env":["PATH=/bin:/sbin:/usr/bin"],"Cmd":["true"]'

# plain TEXT: no control character but newlines and tabs, and none of C1 or those that turn the
# direction of writing.
plain() {
	! LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]|\xe2\x81[\xa6-\xa9]' <<< "$1" ||
		{ echo "control characters:"; cat -v <<< "$1"; return 1; }
}

@test "CVE-2026-57231: an Env entry without a value takes nothing from the host" {
	evil_image evil '{"Env":["PATH=/bin:/sbin:/usr/bin","AWS_SECRET","*","AWS_*","=x","","A=1"],"Cmd":["env"]}'
	run env AWS_SECRET=topsecret "$ROOTLET" --root "$ROOT" run --rm --network=none localhost/evil
	unlike "$output" "*topsecret*"
	run env AWS_SECRET=topsecret "$ROOTLET" --root "$ROOT" create --network=none --name c localhost/evil
	if [ "$status" -eq 0 ]; then
		run env AWS_SECRET=topsecret "$ROOTLET" --root "$ROOT" inspect c
		unlike "$output" "*topsecret*"
	else
		is_one_error
	fi
}

@test "CVE-2021-25743: escape sequences of an image reach no terminal" {
	esc='\u001b[2J\u001b]52;c;ZXZpbA==\u0007\r\u009b31m\u202eabc'
	evil_image evil "{\"Env\":[\"PATH=/bin:/sbin:/usr/bin\",\"E=$esc\"],\"Cmd\":[\"true\",\"$esc\"],\"Labels\":{\"a\":\"$esc\",\"$esc\":\"b\"},\"User\":\"$esc\",\"WorkingDir\":\"/$esc\"}"
	for args in "images" "images --format {{.Repository}}" "history localhost/evil" "history --no-trunc localhost/evil" \
		"image inspect localhost/evil" "image inspect --format {{.Config.Labels}} localhost/evil"; do
		run rl_tty -- $args
		plain "$(tr -d '\r' <<< "$output")"
	done
	run rl_tty -- run --rm --network=none localhost/evil
	plain "$(tr -d '\r' <<< "$output")"
	evil_image evil "$PATHS,\"Labels\":{\"a\":\"$esc\"},\"StopSignal\":\"$esc\"}"
	run_rl '?' create --network=none --name c --label "l=$(printf '\033[2J')" localhost/evil sh -c "$(printf 'echo \033]0;evil\007')"
	for args in "ps -a" "ps -a --no-trunc" "ps -a --format {{.Command}}" "ps -a --format {{.Labels}}" "inspect c" \
		"inspect --format {{.Config.Labels}} c" "inspect --format {{.Config.Cmd}} c"; do
		run rl_tty -- $args
		plain "$(tr -d '\r' <<< "$output")"
	done
}

@test "an error shows what a file or a registry says without its escape sequences" {
	printf '{"schemaVersion":2,"\033[2J' > index.json
	printf '{"imageLayoutVersion":"1.0.0"}' > oci-layout
	tar -cf bad.tar oci-layout index.json
	run rl_tty -- load -i bad.tar
	plain "$(tr -d '\r' <<< "$output")"
	run -127 rl_tty -- run --rm --network=none $BB "$(printf '/no\033[2Jsuch')"
	plain "$(tr -d '\r' <<< "$output")"
	run rl_tty -- inspect "$(printf 'no\033[2Jsuch')"
	plain "$(tr -d '\r' <<< "$output")"
}

@test "CVE-2025-24965, CVE-2024-9341: files that the engine writes are not written through links of the image" {
	entries e.tar 'file(".wh.etc"); file(".wh.run")'
	entries f.tar "sym('etc/passwd', '$BAIT-victim')" "sym('etc/group', '/../..$BAIT-victim')" "sym('etc/hosts', '$BAIT-victim')" \
		"sym('etc/hostname', '$BAIT-victim')" "sym('etc/resolv.conf', '../../../../..$BAIT-victim')" \
		"sym('etc/localtime', '$BAIT-victim')" "sym('etc/mtab', '$BAIT-victim')" "sym('run', '$BAIT-victim-dir')" "sym('secret', '$BAIT-victim-dir')"
	evil_image evil "$PATHS}" e.tar f.tar
	echo hush | rl secret create s - > /dev/null
	run_rl '?' run --rm --network=none --user 4321 --hostname h --add-host a:1.2.3.4 localhost/evil true
	bait_is_whole
	run_rl '?' run --rm --network=none --tz UTC --userns keep-id --secret s localhost/evil true
	bait_is_whole
	run_rl '?' run --rm --network=none --secret s,target=/secret/new localhost/evil true
	bait_is_whole
	run_rl '?' create --network=none --name c localhost/evil true
	run_rl '?' cp /etc/hostname c:/secret/inside
	run_rl '?' cp /etc/hostname c:/etc/passwd
	bait_is_whole
	run_rl secret rm s
}

@test "CVE-2020-1726: a volume that holds something is never filled from the image" {
	entries e.tar 'dir("v")' 'file("v/inside", "image")' 'file("v/more", "image")'
	evil_image evil "$PATHS}" e.tar
	run_rl volume create vol
	run_rl run --rm --network=none -v vol:/w $BB sh -c 'echo mine > /w/inside'
	run_rl run --rm --network=none -v vol:/v localhost/evil sh -c 'cat /v/inside; ls /v'
	is "$output" $'mine\ninside'
	run_rl run --rm --network=none -v vol:/v:ro localhost/evil sh -c 'cat /v/inside; ls /v'
	is "$output" $'mine\ninside'
}

@test "a volume is not filled through links: neither of the image nor of the volume" {
	entries e.tar "sym('v', '$BAIT-victim-dir')" "sym('w', '/etc')"
	evil_image evil "$PATHS,\"Volumes\":{\"/v\":{}}}" e.tar
	run_rl 126 run --rm --network=none localhost/evil find /v/
	bait_is_whole
	# Nor when the link's end is there.
	entries e.tar "dir('$BAIT-victim-dir'[1:])" "file('$BAIT-victim-dir/own'[1:], 'x')" "sym('v', '$BAIT-victim-dir')"
	evil_image evil "$PATHS,\"Volumes\":{\"/v\":{}}}" e.tar
	run_rl run --rm --network=none localhost/evil ls /v/
	is "$output" own
	bait_is_whole
}

@test "CVE-2022-4318, CVE-2026-15809: line breaks in names of all kinds are refused or stay one line" {
	for b in $'\n' $'\r'; do
		run_rl '?' run --rm --network=none --hostname "a${b}evil" $BB cat /etc/hostname /etc/hosts
		unlike "$output" *$'\n'evil*
		run_rl '?' run --rm --network=none --add-host "a${b}evil:1.2.3.4" $BB cat /etc/hosts
		unlike "$output" *$'\n'evil*
		run_rl '?' run --rm --network=none --add-host "a:1.2.3.4${b}6.6.6.6 evil" $BB cat /etc/hosts
		unlike "$output" *$'\n'6.6.6.6*
		run_rl '?' run --rm --network=none --user "4321${b}evil" $BB cat /etc/passwd
		unlike "$output" *$'\n'evil*
		run_rl '?' run --rm --network=none --user 4321 --passwd-entry "x:x:4321:0::/:/bin/sh${b}evil:x:0:0::/:/bin/sh" $BB cat /etc/passwd
		unlike "$output" *$'\n'evil*
		run_rl '?' run --rm --network=none --dns "1.1.1.1${b}nameserver 6.6.6.6" $BB cat /etc/resolv.conf
		unlike "$output" *$'\n'"nameserver 6.6.6.6"*
		run_rl '?' run --rm --network=none --dns-search "a${b}nameserver 6.6.6.6" $BB cat /etc/resolv.conf
		unlike "$output" *$'\n'"nameserver 6.6.6.6"*
		run_rl '?' run --rm --network=none --name "c${b}evil" $BB true
		[ "$status" -ge 125 ]
	done
}

@test "CVE-2023-25173: --group-add and numeric users leave no group of the caller" {
	run_rl run --rm --network=none --user 1234:567 --group-add 89 $BB id -G
	is "$(tr ' ' '\n' <<< "$output" | sort -n | tr '\n' ' ')" "89 567 "
	run_rl run --rm --network=none --user 1234:567 $BB sh -c 'grep Groups: /proc/self/status | tr -s "\t " " "'
	like "$output" "Groups:*"
	unlike "$output" "*65534*"
}

@test "CVE-2022-0811, CVE-2022-0532: sysctls of a namespace that is the host's are refused" {
	for args in "--network=host --sysctl net.core.somaxconn=1" "--network=none --ipc=host --sysctl kernel.shmmax=1" \
		"--network=none --ipc=host --sysctl fs.mqueue.msg_max=10" "--network=none --uts=host --sysctl kernel.hostname=evil" \
		"--network=none --sysctl kernel.core_pattern=x" "--network=none --sysctl net.ipv4.ip_forward=1+kernel.x=1"; do
		run_rl '?' run --rm $args $BB true
		[ "$status" -ge 125 ] || { echo "taken: $args"; false; }
		is_one_error
	done
	run_rl '?' run --rm --network=none --sysctl $'net.core.somaxconn=1\n2' $BB true
	[ "$status" -ne 0 ]
}

@test "absurd numbers and sizes in a configuration end in one line or are ignored" {
	n=99999999999999999999999999
	evil_image evil "$PATHS,\"Healthcheck\":{\"Test\":[\"CMD\",\"true\"],\"Interval\":-1,\"Timeout\":$n,\"Retries\":-5},\"StopTimeout\":$n,\"ExposedPorts\":{\"99999/tcp\":{},\"-1/udp\":{},\"80-1/tcp\":{},\"x\":{}}}"
	run_rl '?' run --rm --network=none -P localhost/evil true
	[ "$status" -eq 0 ] || is_one_error
	evil_image evil "{\"Env\":[\"PATH=/bin\"],\"Cmd\":{\"a\":1},\"Entrypoint\":7,\"Labels\":[1],\"Volumes\":[\"/x\"],\"User\":3}"
	run_rl '?' run --rm --network=none localhost/evil true
	[ "$status" -eq 0 ] || is_one_error
}

@test "an image of very many labels, variables or volumes takes no time of others" {
	need python3
	big() { python3 -c "import json; print(json.dumps({'Env': ['PATH=/bin'], 'Cmd': ['true'], $1}))"; }
	# Nearly all that a configuration may have: comparing each with each would take minutes.
	evil_image evil "$(big "'Labels': {'l%d' % i: '' for i in range(200000)}")"
	run timeout 60 "$ROOTLET" --root "$ROOT" create --network=none --name c localhost/evil
	is "$status" 0
	for args in "ps -a" "inspect c" "image inspect localhost/evil" "ps -a --filter label=l199999"; do
		run timeout 30 "$ROOTLET" --root "$ROOT" $args
		is "$status" 0 "$args"
	done
	run timeout 30 "$ROOTLET" --root "$ROOT" commit -q c localhost/evil2
	is "$status" 0
	run_rl rm c
	rl rmi -f localhost/evil2
	# One line of an image may mean all ports, and a protocol may have any name.
	evil_image evil "$(big "'ExposedPorts': dict([('%d/tcp' % i, {}) for i in range(1, 20000)] + [('1-65535/p%d' % i, {}) for i in range(9000)])")"
	run_rl create --network=none --name c localhost/evil
	for args in "inspect c" "ps -a --format json" "commit -q c localhost/evil2"; do
		run timeout 30 "$ROOTLET" --root "$ROOT" $args
		is "$status" 0 "$args"
	done
	run_rl rm c
	rl rmi -f localhost/evil2
	evil_image evil "$(big "'Env': ['K%d=' % i for i in range(200000)]")"
	run_rl 125 create --network=none localhost/evil
	like "$output" "*200000 variables*"
	evil_image evil "$(big "'Volumes': {'/v%d' % i: {} for i in range(20000)}")"
	run_rl 125 create --network=none localhost/evil
	like "$output" "*20000 volumes*"
	is "$(rl volume ls -q | wc -l)" 0
}

@test "names of containers, volumes and drivers are no paths" {
	run_rl create --network=none --name good $BB true
	for n in .. . a/../b ../x /abs -rf a/b "$(printf 'x%.0s' $(seq 300))" "a b" $'a\nb' ''; do
		run_rl '?' create --network=none --name "$n" $BB true
		[ -z "$n" ] || [ "$status" -ge 125 ] || { echo "taken: name '$n'"; false; }
		run_rl '?' rename good "$n"
		[ "$status" -ne 0 ] || { echo "taken: rename to '$n'"; false; }
		run_rl '?' volume create -- "$n"
		[ -z "$n" ] || [ "$status" -ne 0 ] || { echo "taken: volume '$n'"; false; }
		run_rl '?' rm -f -- "$n"
		run_rl '?' volume rm -- "$n"
		# A secret may have any name that is no path.
		run_rl '?' secret create -- "$n" /etc/hostname
		case $n in
		*/* | .* | '' | xxx*) [ "$status" -ne 0 ] || { echo "taken: secret '$n'"; false; } ;;
		*) rl secret rm -- "$n" > /dev/null 2>&1 || true ;;
		esac
	done
	run_rl rm -f good
	rl volume prune -af > /dev/null 2>&1 || rl volume prune -f > /dev/null
	run_rl '?' volume create --driver ../../bin/x v
	[ "$status" -ne 0 ]
	run_rl '?' run --rm --network=none --log-driver ../../x $BB true
	[ "$status" -ge 125 ]
	# CVE-2021-20206: the name of a credential helper.
	mkdir -p "$HOME/.docker"
	printf '{"credHelpers":{"127.0.0.1:1":"../../../..%s"}}' "$PWD/helper" > "$HOME/.docker/config.json"
	printf '#!/bin/sh\ntouch %s-escaped\n' "$BAIT" > helper
	chmod +x helper
	run_rl '?' pull -q --tls-verify=false 127.0.0.1:1/x
	rm -f "$HOME/.docker/config.json"
	bait_is_whole
}

@test "CVE-2026-48785: what is refused below /proc is not refused beside it, and the other way round" {
	mkdir d
	for t in /procfs /sysx /devices /proc2/x; do
		run_rl run --rm --network=none -v "$PWD/d:$t" $BB ls "$t"
	done
	for t in /proc /proc/ //proc /x/../proc /proc/self/attr /proc/sys /proc/sys/kernel; do
		run_rl '?' run --rm --network=none -v "$PWD/d:$t" $BB stat -f -c %T /proc/self/attr
		[ "$status" -ne 0 ] || is "$output" proc
	done
}
