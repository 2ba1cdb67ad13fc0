#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Other users of the same machine: what they may see, and what they may have put in our way.

load helpers
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

find_quietly() { find "$@" 2> /dev/null || true; }

@test "CVE-2021-41091, CVE-2021-41103, CVE-2024-25621: with umask 000 nothing of ours is open to others" {
	local other=$BATS_TEST_TMPDIR/other
	mkdir -m 700 "$other"
	mkdir -m 700 "$other/run"
	(
		umask 000
		layout=$(fixture_once busybox.tar make_busybox_archive)
		e() { "$ROOTLET" --root "$other/root" --runroot "$other/run/rootlet" "$@"; }
		e load -q -i "$layout/bb.tar"
		e volume create v
		echo hush | e secret create s -
		e run -d --network=none --name c -v v:/v --secret s --health-cmd true $BB sh -c 'echo words; sleep 1000'
		e exec c true
	) > /dev/null
	is "$(stat -c %a "$other/run/rootlet")" 700
	is "$(stat -c %a "$other/root")" 700
	for d in containers layers images volumes tmp; do
		[ ! -d "$other/root/$d" ] || is "$(stat -c %a "$other/root/$d")" 700 "$d"
	done
	# Also by themselves, should somebody open the directory above.
	run find_quietly "$other/root" -maxdepth 3 -type f -perm /022 -not -path '*/diff/*'
	is "$output" ""
	run find_quietly "$other/root/containers" -maxdepth 2 \( -name '*.log' -o -name config.json -o -name state.json \) -perm /077
	is "$output" ""
	run find_quietly "$other/root" -path '*secret*' -type f -size +0 -perm /077
	is "$output" ""
	run find_quietly "$other/run/rootlet" -mindepth 1 -maxdepth 1 -perm /022
	is "$output" ""
	for args in "rm -f -t 0 c" "unshare rm -rf $other/root" "system migrate"; do
		run "$ROOTLET" --root "$other/root" --runroot "$other/run/rootlet" $args
		is "$status" 0
	done
}

@test "the payload's umask and modes are its own, whatever the caller's umask is" {
	run bash -c "umask 000; '$ROOTLET' --root '$ROOT' run --rm --network=slirp4netns $BB sh -c 'umask; touch /f; stat -c %a /f /etc/hosts /etc/resolv.conf /etc/hostname'"
	is "$output" $'0022\n644\n644\n644\n644'
	run bash -c "umask 077; '$ROOTLET' --root '$ROOT' run --rm --network=slirp4netns $BB sh -c 'umask; touch /f; stat -c %a /f /etc/hosts /etc/resolv.conf /etc/hostname /'"
	like "$output" $'0022\n644\n644\n644\n644\n*'
}

@test "no secret stands in a command line that others can read" {
	printf 'hush-%s' "$RANDOM$RANDOM" > s
	run_rl secret create s s
	run_rl run -d --network=none --name c --secret s,type=env,target=S -e "PASSWORD=$(cat s)" $BB sleep 1000
	run_rl exec -d -e "PASSWORD=$(cat s)" c sleep 1000
	sleep 0.3
	# Not with grep: its own command line would be among them.
	run python3 -c '
import glob, sys
word = open("s", "rb").read()
for path in glob.glob("/proc/[0-9]*/cmdline"):
    try:
        if word in open(path, "rb").read(): print(path, open(path, "rb").read())
    except OSError: pass'
	is "$output" ""
	run_rl secret rm s
}

@test "CVE-2021-4024, CVE-2025-9074: only the ports that were asked for are open, and no socket takes orders from the net" {
	need ss
	port=$(free_port)
	before=$(ss -Hltnu | awk '{ print $5 }' | sort)
	run_rl run -d --name c -p "127.0.0.1:$port:80" $BB sleep 1000
	after=$(ss -Hltnu | awk '{ print $5 }' | sort)
	new=$(comm -13 <(echo "$before") <(echo "$after") | grep ":$port$" | sort -u)
	is "$new" "127.0.0.1:$port"
	run bash -c "ss -Hltnup | grep -E 'rootlet|slirp' | grep -v ':$port '"
	is "$output" ""
}

@test "slirp4netns runs in its sandbox, and the host's loopback is not reached through it" {
	need slirp4netns
	run_rl run -d --name c $BB sleep 1000
	run bash -c 'for p in $(pgrep -u $(id -u) -x slirp4netns); do tr "\0" " " < /proc/$p/cmdline; echo; done'
	like "$output" "*--enable-sandbox*"
	like "$output" "*--enable-seccomp*"
	like "$output" "*--disable-host-loopback*"
	need python3
	# What it does, and not only what it was told: somebody listens there and is found when asked for.
	local port=$(free_port) listener
	python3 -c 'import socket, sys
s = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True: s.accept()[0].sendall(b"hush\n")' "$port" 3>&- &
	listener=$!
	wait_for 5 bash -c ": < /dev/tcp/127.0.0.1/$port"
	for to in 10.0.2.2 127.0.0.1; do
		run rl exec c timeout 1 nc $to "$port" < /dev/null
		unlike "$output" "*hush*"
	done
	run rl run --rm --network slirp4netns:allow_host_loopback=true $BB timeout 3 nc 10.0.2.2 "$port" < /dev/null
	like "$output" "*hush*"
	kill $listener
}

@test "CVE-2014-8989: with one id the namespace has lost setgroups, and a group is not shed" {
	mkdir -m 700 run
	export XDG_RUNTIME_DIR=$PWD/run
	# What a user without ranges gets; the kernel takes his gid map only when this was written.
	run unshare -U --map-root-user "$ROOTLET" --root "$PWD/root" unshare cat /proc/self/setgroups
	[ "$status" -eq 0 ] || missing "no nested session here: $output"
	is "${lines[-1]}" deny
	unshare -U --map-root-user "$ROOTLET" --root "$PWD/root" system migrate > /dev/null 2>&1 || true
	chmod -R u+rwx root
	rm -rf root
}

@test "what others may put in the way: a FIFO, a link or a directory under a name of ours" {
	mkdir -m 700 run there
	for what in "mkfifo run/rootlet" "ln -s ../there run/rootlet" "touch run/rootlet" "mkdir -m 777 run/rootlet"; do
		rm -rf run/rootlet
		$what
		# A session of its own, in the next place; it leaves at once.
		run env XDG_RUNTIME_DIR="$PWD/run" ROOTLET_PAUSE_IDLE=1 timeout 10 "$ROOTLET" --root "$ROOT" unshare true
		[ "$status" -ne 124 ] || { echo "hangs: $what"; false; }
		[ "$status" -eq 0 ] || like "$output" "rootlet: *"
		[ ! -d run/rootlet ] || is "$(ls -A run/rootlet/)" "" "$what"
	done
	run env timeout 10 "$ROOTLET" --root "$ROOT" --runroot "$PWD/run/rootlet" unshare true
	is "$status" 125
	like "$output" "rootlet: *can be written by others*"
	is "$(ls -A there run/rootlet)" $'run/rootlet:\n\nthere:'
}

@test "CVE-2020-5291, CVE-2023-38496: nothing that is installed has a setuid bit or file capabilities" {
	for f in "$BUILD/rootlet" "$BUILD/rootlet-image" "$BUILD/libexec/rootlet/rootlet-image"; do
		[ -e "$f" ] || continue
		[ ! -u "$f" ]
		[ ! -g "$f" ]
		is "$(getcap "$f" 2> /dev/null || true)" ""
	done
	# Nor would one be of use: refused before anything is read, also by the sibling.
	cp "$BUILD/rootlet" "$BUILD/rootlet-image" .
	rl unshare sh -c 'chown 1:1 rootlet rootlet-image && chmod 4755 rootlet rootlet-image'
	for f in rootlet rootlet-image; do
		[ -u $f ] && [ ! -O $f ] || missing "one id only"
		run ./$f --root "$ROOT" ps
		is "$status" 125
		like "$output" "rootlet: rootlet does not run with raised privileges: *"
	done
	rl unshare rm -f rootlet rootlet-image
}

@test "CVE-2025-65105: confinement that cannot be given is an error, and none is taken away by the image" {
	run_rl '?' run --rm --network=none --security-opt apparmor=no-such-profile $BB true
	[ "$status" -ge 125 ]
	run_rl '?' run --rm --network=none --security-opt seccomp=/no/such/file $BB true
	[ "$status" -ge 125 ]
	run_rl '?' run --rm --network=none --security-opt label=type:evil_t $BB true
	[ "$status" -ge 125 ]
	run_rl '?' run --rm --network=none --security-opt nonsense $BB true
	[ "$status" -ge 125 ]
	run_rl run --rm --network=none $BB grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status
	like "$output" "*Seccomp:*2*"
}

@test "CVE-2023-0386, CVE-2021-3493, CVE-2023-2640, CVE-2023-32629: setuid files of an image are out of reach for others" {
	run_rl run --name c --network=none $BB sh -c 'cp /bin/busybox /suid && chmod 4755 /suid'
	file=$(find_quietly "$ROOT/containers" -name suid)
	[ -n "$file" ]
	# Some directory on the way to it is closed to others.
	p=$(dirname "$file") closed=
	while [ "$p" != "$ROOT" ]; do
		[ "$(stat -c %A "$p" | cut -c10)" != - ] || closed=1
		p=$(dirname "$p")
	done
	[ -n "$closed" ]
}
