#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The session: one user namespace for all commands of a user, whatever happens to its pause process.

load lib/common
setup_file() { common_setup_file noimage; rl system migrate; }
teardown_file() { common_teardown_file; }
setup() { common_setup; is_peer && skip "about rootlet's own session"; rm -rf "$XDG_RUNTIME_DIR"/rootlet/session-*; }
teardown() { common_teardown; }

# The user namespace a command runs in.
userns() {
	rl unshare readlink /proc/self/ns/user
}

record() {
	echo "$XDG_RUNTIME_DIR/rootlet/session"
}

pause_pid() {
	awk '$1 == "pause" { print $2 }' "$(record)"
}

live_pauses() {
	ps -u "$(id -u)" -o stat=,comm= | grep -v '^Z' | grep -c 'rootlet-pause$'
}

@test "session: uid 0 inside is ours, 1 and up are the subordinate ids" {
	run_rl unshare sh -c 'id -u; id -g; cat /proc/self/uid_map'
	is "${lines[0]}" 0
	is "${lines[1]}" 0
	is "$(echo ${lines[2]})" "0 $(id -u) 1"
	[ "${#lines[@]}" -ge 4 ] || missing "this account has no subordinate ids"
	like "$(echo ${lines[3]})" "1 * *"
}

@test "session: all commands share one, and it has the name rootlet-pause" {
	is "$(userns)" "$(userns)"
	is "$(cat /proc/$(pause_pid)/comm)" rootlet-pause
	like "$(tr '\0' ' ' < /proc/$(pause_pid)/cmdline)" "rootlet-pause *"
	is "$(tr -d '\0' < /proc/$(pause_pid)/environ)" "" "the environment of the command is wiped"
	is "$(ls /proc/$(pause_pid)/fd | wc -l)" "$(case $XDG_RUNTIME_DIR in /tmp/*) echo 1 ;; *) echo 0 ;; esac)"
}

@test "session: twenty first commands make one" {
	local before
	rl system migrate
	before=$(live_pauses) || true
	seq 20 | xargs -P 20 -I{} "$ROOTLET" --root "$ROOT" unshare readlink /proc/self/ns/user > ns
	is "$(wc -l < ns)" 20
	is "$(sort -u ns | wc -l)" 1
	is "$(live_pauses)" $((before + 1))
}

@test "session: a killed pause process is replaced" {
	userns
	kill -9 "$(pause_pid)"
	run_rl unshare true
	is "$output" ""
	[ -d "/proc/$(pause_pid)" ]
}

@test "session: what runs in it keeps its namespace when the pause process is killed" {
	local ns
	ns=$(userns)
	"$ROOTLET" unshare sleep 30 3>&- &
	wait_for 5 pgrep -u "$(id -u)" -x sleep
	kill -9 "$(pause_pid)"
	is "$(userns)" "$ns"
	kill $!
}

@test "session: a running container outlives its pause process" {
	load_busybox
	run_rl run -d --network=none --name c $BB sleep 1000
	kill -9 "$(pause_pid)"
	run_rl exec c id -u
	is "$output" 0
	is "$(rl exec c readlink /proc/self/ns/user)" "$(userns)"
	kill -9 "$(pause_pid)"
	run_rl ps --format '{{.Names}} {{.State}}'
	like "$output" "c Up *"
	run_rl rm -f -t 0 c
	run_rl rmi $BB
}

@test "session: migrate stops containers, the next start has a new session" {
	local ns
	load_busybox
	run_rl run -d --network=none --name c --stop-signal KILL $BB sleep 1000
	ns=$(userns)
	run_rl system migrate
	run_rl ps -a --format '{{.State}}'
	like "$output" 'Exited *'
	run_rl start c
	is "$(rl exec c readlink /proc/self/ns/user)" "$(userns)"
	run_rl rm -f -t 0 c
	run_rl rmi $BB
}

@test "session: SIGTERM ends the pause process, other signals do not" {
	userns
	kill -HUP "$(pause_pid)"
	kill -INT "$(pause_pid)"
	kill -USR1 "$(pause_pid)"
	sleep 0.1
	grep -q '^State:.S' "/proc/$(pause_pid)/status"
	kill -TERM "$(pause_pid)"
	run_rl unshare true
}

@test "session: a damaged, cut or foreign record is made again" {
	local good
	userns
	good=$(cat "$(record)")
	for bad in "" "garbage" "version 9" "$(echo "$good" | head -4)"; do
		echo "$bad" > "$(record)"
		run_rl unshare true
		is "$output" ""
	done
	# A reused pid: the number is another process's now.
	sleep 60 3>&- &
	echo "$good" | sed "s/^pause .*/pause $! 1 1/" > "$(record)"
	run_rl unshare id -u
	is "$output" 0
	echo "$good" | sed "s/^pause .*/pause $! 1 0/" > "$(record)"
	run_rl unshare id -u
	is "$output" 0
	kill $!
}

@test "session: found again when the runtime directory was emptied" {
	local ns
	ns=$(userns)
	rm -rf "$XDG_RUNTIME_DIR/rootlet"
	is "$(userns)" "$ns"
}

@test "session: the same without XDG_RUNTIME_DIR, or with somebody else's" {
	local ns
	ns=$(userns)
	is "$(env -u XDG_RUNTIME_DIR "$ROOTLET" unshare readlink /proc/self/ns/user)" "$ns"
	is "$(XDG_RUNTIME_DIR=/ "$ROOTLET" unshare readlink /proc/self/ns/user)" "$ns"
	is "$(XDG_RUNTIME_DIR=/nonexistent "$ROOTLET" unshare readlink /proc/self/ns/user)" "$ns"
	is "$(XDG_RUNTIME_DIR= "$ROOTLET" unshare readlink /proc/self/ns/user)" "$ns"
	mkdir -m 700 late
	is "$(XDG_RUNTIME_DIR=$PWD/late "$ROOTLET" unshare readlink /proc/self/ns/user)" "$ns"
	[ ! -e late/rootlet/session ]
}

@test "session: --runroot has its own, in that directory" {
	local ns
	ns=$(userns)
	run_rl --runroot "$PWD/rr" unshare readlink /proc/self/ns/user
	unlike "$output" "$ns"
	[ -s rr/session ]
	is "$(stat -c %a rr)" 700
	run_rl --runroot "$PWD/rr" system migrate
	[ ! -e rr/session ]
	is "$(userns)" "$ns"
}

@test "session: a runtime directory that others can write is refused" {
	mkdir -m 777 open
	chmod 777 open
	run_rl 125 --runroot "$PWD/open" unshare true
	like "$output" "*open*can be written by others*chmod 700*"
	is_one_error
	run_rl 125 --runroot / unshare true
	like "$output" "*belongs to user*"
}

@test "session: a full runtime directory moves it to /tmp" {
	run unshare -Urm true
	[ "$status" = 0 ] || missing "nested user namespaces"
	mkdir -m 700 full
	cp "$ROOTLET" .		# where the new /tmp does not hide it
	run -0 unshare -Urm sh -c '
		mount -t tmpfs -o mode=700,size=4k x "$1/full" &&
		mount -t tmpfs -o mode=1777 x /tmp &&
		dd if=/dev/zero of="$1/full/f" bs=4096 count=1 2> /dev/null &&
		export XDG_RUNTIME_DIR="$1/full" &&
		"$2" unshare id -u && "$2" unshare id -u && ls /tmp/rootlet-run-*/rootlet' \
		sh "$PWD" "$PWD/${ROOTLET##*/}"
	like "$output" "*0*0*session-*"
}

@test "session: nested in another user namespace" {
	run unshare -Ur true
	[ "$status" = 0 ] || missing "nested user namespaces"
	local ns
	ns=$(userns)
	# One id there; the session outside is seen and left alone.
	run -0 unshare -Ur "$ROOTLET" unshare sh -c 'id -u; wc -l < /proc/self/uid_map'
	like "$output" "*one user id only*"
	is "${lines[-2]}" 0
	is "${lines[-1]}" 1
	is "$(userns)" "$ns"
	# Found again, though the outer one is in a directory that only its own variable names.
	mkdir -m 700 other
	XDG_RUNTIME_DIR=$PWD/other run -0 --separate-stderr unshare -U -c sh -c '
		"$0" unshare readlink /proc/self/ns/user; "$0" unshare readlink /proc/self/ns/user' "$ROOTLET"
	is "${lines[0]}" "${lines[1]}"
	# Inside our own session there is nothing to enter.
	is "$(rl unshare "$ROOTLET" --root "$ROOT" unshare readlink /proc/self/ns/user)" "$ns"
}

@test "unshare: command, shell, directory, exit codes" {
	run_rl unshare sh -c 'pwd; echo $CONTAINERS_GRAPHROOT'
	is "${lines[0]}" "$PWD"
	is "${lines[1]}" "$ROOT"
	SHELL=/bin/echo run_rl unshare
	run_rl 7 unshare sh -c 'exit 7'
	run_rl 127 unshare no-such-command
	is_one_error
	run_rl 126 unshare /etc
	is_one_error
	run_rl 125 unshare --no-such-option true
	run_rl 125 unshare --rootless-netns true
	like "$output" "*not supported yet*"
	run_rl unshare sh -c 'echo -e "$0"' -e
	is "$(echo in | rl unshare cat)" in
}

@test "unshare: mounts stay in the session" {
	mkdir m
	rl unshare mount -t tmpfs x m
	rl unshare touch m/there
	[ ! -e m/there ]
	run_rl unshare ls m
	is "$output" there
	rl unshare umount m
}

@test "unshare: files of subordinate ids can be made and removed" {
	touch f
	rl unshare chown 5:7 f || missing "this account has no subordinate ids"
	unlike "$(stat -c %u f)" "$(id -u)"
	rl unshare rm f
}

@test "system migrate ends the session" {
	userns
	local pid
	pid=$(pause_pid)
	run_rl system migrate
	is "$output" ""
	[ ! -e "$(record)" ]
	run ! grep -qs '^State:.S' "/proc/$pid/status"
	run_rl system migrate
}

@test "doctor: every finding has a status, and what is not well a remedy" {
	run_rl \? doctor
	[ "$status" -le 1 ]
	like "$output" "*user namespaces*"
	like "$output" "* ok, * degraded, * broken*"
	need python3
	rl doctor --format json | python3 -c '
import json, sys
for f in json.load(sys.stdin):
    assert f["status"] in ("ok", "degraded", "broken"), f
    assert f["name"] and f["found"], f
    assert f["status"] == "ok" or (f["cost"] and f["remedy"]), f
'
	run_rl doctor --format '{{.name}}={{.status}}'
	like "$output" "*subordinate ids=*"
}

@test "info: text, JSON, templates" {
	run_rl info
	like "$output" "host:*graphRoot: $ROOT*"
	need python3
	rl info --format json | python3 -c '
import json, sys
i = json.load(sys.stdin)
assert i["host"]["security"]["rootless"] is True
assert i["host"]["idMappings"]["uidmap"][0]["container_id"] == 0
assert i["store"]["graphRoot"]
'
	printf '[storage]\ndriver = "vfs"\n' > s.conf
	is "$(CONTAINERS_STORAGE_CONF=$PWD/s.conf rl info -f '{{.Store.ConfigFile}} {{.Store.GraphOptions}}')" "$PWD/s.conf map[]"
	case $(rl info --format '{{.Store.GraphDriverName}}') in
	overlay) is "$(rl info -f '{{index .Store.GraphStatus "Native Overlay Diff"}}')" true ;;
	fuse-overlayfs) is "$(rl info -f '{{index .Store.GraphStatus "Native Overlay Diff"}}')" false ;;
	esac
	is "$(rl --events-backend none info -f '{{.Host.EventLogger}}')" none
	run_rl info --format '{{.Host.Security.Rootless}} {{.Store.GraphRoot}}'
	is "$output" "true $ROOT"
	run_rl 125 info --format '{{.Nope}}'
	is_one_error
}

@test "version: text, JSON, templates" {
	run_rl version
	like "$output" "Client:*Version:*"
	run_rl version --format '{{.Client.Version}}'
	is "rootlet version $output" "$(rl --version)"
}

@test "system reset removes everything of the store and nothing else" {
	mkdir -p r/mine
	run rl --root "$PWD/r" info
	echo n | rl --root "$PWD/r" system reset && false
	[ -d r/layers ]
	run -0 "$ROOTLET" --root "$PWD/r" --runroot "$PWD/rr2" system reset --force
	is "$(ls r)" mine
}
