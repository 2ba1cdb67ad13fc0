#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What systemd gives and gets: sd_notify, socket activation, descriptors; systemd as the payload.

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() {
	[ -z "${LISTENER:-}" ] || kill "$LISTENER" 2> /dev/null || true
	common_teardown
}

# Takes what is said to the socket ./n into the file ./said, a datagram a line.
listen_notify() {
	python3 -c '
import socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("n")
while True:
    print(repr(s.recv(4096).decode()), flush=True)' > said 3>&- &
	LISTENER=$!
	wait_for 5 test -S n
}

# What a payload says with sd_notify(3): host:/ has python3.
say() {
	printf 'import os, socket, time; s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.sendto(%s, os.environ["NOTIFY_SOCKET"]); time.sleep(0.3)' "$1"
}

has_said() { grep -qF "$1" said; }

@test "sdnotify conmon: the monitor is the main process, and ready when the payload runs" {
	listen_notify
	NOTIFY_SOCKET=$PWD/n run_rl run -d --network=none --sdnotify conmon --name c $BB sleep 1000
	wait_for 5 has_said 'READY=1'
	monitor=$(rl inspect --format '{{.State.ConmonPid}}' c)
	is "$(cat said)" "'MAINPID=$monitor\\nREADY=1'"
	run_rl exec c sh -c 'echo "[$NOTIFY_SOCKET]"'
	is "$output" "[]"
}

@test "sdnotify container: the payload's words are passed on, not its pids" {
	listen_notify
	NOTIFY_SOCKET=$PWD/n run_rl run --rm --network=none host:/ python3 -c \
		"$(say 'b"READY=1\nSTATUS=well\nMAINPID=1\nFDSTORE=1"')"
	wait_for 5 has_said 'READY=1'
	like "$(head -1 said)" "'MAINPID=*'"
	is "$(tail -n +2 said)" "'READY=1\\nSTATUS=well'"
}

@test "sdnotify container: a start says nothing of readiness, also as another user" {
	listen_notify
	NOTIFY_SOCKET=$PWD/n run_rl run --rm --network=none --user 1000 host:/ python3 -c "$(say 'b"STATUS=me"')"
	wait_for 5 has_said 'STATUS=me'
	run ! grep -q READY said
}

@test "sdnotify healthy: ready with the first good check, and only with a check" {
	listen_notify
	NOTIFY_SOCKET=$PWD/n run_rl run -d --network=none --sdnotify healthy --health-cmd 'test -e /ok' \
		--health-interval 100ms --name h $BB sleep 1000
	sleep 0.4
	run ! grep -q READY said
	rl exec h touch /ok
	wait_for 5 has_said "'READY=1'"
	run_rl 125 create --sdnotify healthy $BB true
	like "$output" "*--health-cmd*"
}

@test "sdnotify ignore, no socket, and wrong words" {
	listen_notify
	NOTIFY_SOCKET=$PWD/n run_rl run --rm --network=none --sdnotify ignore $BB sh -c 'echo "[$NOTIFY_SOCKET]"'
	is "$output" "[]"
	is "$(cat said)" ""
	run_rl run --rm --network=none --sdnotify conmon $BB true
	NOTIFY_SOCKET=/nowhere run_rl run --rm --network=none --sdnotify conmon $BB true
	run_rl 125 create --sdnotify maybe $BB true
	like "$output" "*--sdnotify*maybe*"
}

@test "sockets of a socket unit reach the payload; for another process they do not" {
	run bash -c 'exec 3< /etc/passwd; export LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=web
		exec "$ROOTLET" --root "$ROOT" run --rm --network=none '$BB' sh -c \
		"env | grep ^LISTEN | sort; head -c 5 <&3"'
	is "$output" $'LISTEN_FDNAMES=web\nLISTEN_FDS=1\nLISTEN_PID=1\nroot:'
	run bash -c 'exec 3< /etc/passwd; export LISTEN_PID=1 LISTEN_FDS=1
		exec "$ROOTLET" --root "$ROOT" run --rm --network=none '$BB' sh -c \
		"env | grep ^LISTEN; ls /proc/self/fd"'
	is "$output" $'0\n1\n2\n3'		# 3 is the listing's own
}

@test "a socket unit's container that is started" {
	run_rl create --network=none --name s $BB sh -c 'echo $LISTEN_FDS; head -c 5 <&3'
	run bash -c 'exec 3< /etc/passwd; export LISTEN_PID=$$ LISTEN_FDS=1
		exec "$ROOTLET" --root "$ROOT" start -a s'
	is "$output" $'1\nroot:'
}

@test "preserve-fd: numbers stay, others are closed; ours cannot be had" {
	run bash -c 'exec 5< /etc/passwd 7< /etc/passwd 9< /etc/passwd
		exec "$ROOTLET" --root "$ROOT" run --rm --network=none --preserve-fd 5,9 '$BB' \
		sh -c "ls /proc/self/fd; head -c 5 <&9"'
	is "$output" $'0\n1\n2\n3\n5\n9\nroot:'
	run_rl 125 run --rm --network=none --preserve-fd 11 $BB true
	like "$output" "*descriptor 11 is not open*"
	run_rl 125 run --rm --network=none --preserve-fd x $BB true
	run_rl 125 run --rm --network=none --preserve-fd 1 $BB true
	run_rl run -d --network=none --name e $BB sleep 1000
	run bash -c 'exec 5< /etc/passwd; exec "$ROOTLET" --root "$ROOT" exec --preserve-fd 5 e \
		sh -c "head -c 5 <&5"'
	is "$output" root:
	# Numbers at which rootlet has something of its own open.
	run bash -c 'exec "$ROOTLET" --root "$ROOT" exec --preserve-fds 4 e ls /proc/self/fd 3>&- 4>&- 5>&- 6>&-'
	is "$status" 125
	like "$output" "*descriptor 3 is not open*"
}

@test "exec --no-session leaves no event" {
	run_rl run -d --network=none --name q $BB sleep 1000
	run_rl exec --no-session q echo here
	is "$output" here
	run_rl exec q true
	run_rl events --stream=false --filter event=exec --filter container=q --format '{{.Status}}'
	is "$output" exec
	run_rl 125 exec --no-session -d q true
}

@test "systemd mode: by the command, always, never" {
	local show='grep -E " /(run|run/lock|tmp|var/log/journal) tmpfs " /proc/mounts | cut -d" " -f2 | sort; echo $container_uuid'
	run_rl run --rm --network=none --systemd=always --shm-size-systemd 1m --cidfile id $BB \
		sh -c "$show; grep ' /run ' /proc/mounts"
	like "$output" $'/run\n/run/lock\n/tmp\n/var/log/journal\n'"$(cut -c-32 id)"$'\n*size=1024k*'
	run_rl create --network=none --name a --systemd=always $BB true
	is "$(rl inspect --format '{{.Config.StopSignal}}' a)" SIGRTMIN+3
	run_rl create --network=none --name i $BB /sbin/init
	is "$(rl inspect --format '{{.Config.StopSignal}}' i)" SIGRTMIN+3
	run_rl create --network=none --name n --systemd=false $BB /sbin/init
	is "$(rl inspect --format '{{.Config.StopSignal}}' n)" SIGTERM
	run_rl create --network=none --name s --stop-signal INT $BB /usr/lib/systemd/systemd
	is "$(rl inspect --format '{{.Config.StopSignal}}' s)" SIGINT
	run_rl run --rm --network=none $BB sh -c "$show"
	is "$output" ""
	run_rl 125 create --systemd=perhaps $BB true
	run_rl 125 create --shm-size-systemd=much $BB true
}

@test "chrootdirs get the engine's files too" {
	run_rl run --rm --network=none --hostname inner --chrootdirs /srv/a,/srv/b $BB \
		sh -c 'cat /srv/a/etc/hostname; cmp /etc/hosts /srv/b/etc/hosts && echo same'
	is "$output" $'inner\nsame'
	run_rl 125 create --chrootdirs ../up $BB true
}

@test "timeout ends a container; pidfile names its process" {
	SECONDS=0
	run_rl 255 run --rm --network=none --timeout 1 $BB sleep 1000
	[ $SECONDS -lt 10 ]
	run_rl run -d --network=none --name p --pidfile pid --conmon-pidfile mon $BB sleep 1000
	is "$(cat pid)" "$(rl inspect --format '{{.State.Pid}}' p)"
	is "$(cat mon)" "$(rl inspect --format '{{.State.ConmonPid}}' p)"
	run_rl kill p
}
