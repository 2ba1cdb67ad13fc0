#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Programs that drive podman's command line, with rootlet under podman's name: unchanged, no network.

load lib/common

# Two images under the names these programs ask for, from a Debian with what they want inside
# (tests/vm/mkguest makes it).
setup_file() {
	: "${DESKTOP_TAR:=${DEBIAN_TAR:+${DEBIAN_TAR%/*}/desktop.tar}}"
	export DESKTOP_TAR
	common_setup_file noimage
	mkdir "$BATS_FILE_TMPDIR/bin"
	export CALLS=$BATS_FILE_TMPDIR/calls
	cat > "$BATS_FILE_TMPDIR/bin/podman" <<-EOF
		#!/bin/bash
		echo "\$*" >> "$CALLS"
		exec -a podman "$ROOTLET" --root "$ROOT" "\$@"
	EOF
	chmod 0755 "$BATS_FILE_TMPDIR/bin/podman"
	PATH=$BATS_FILE_TMPDIR/bin:$PATH
	USER=$(id -un)
	LOGNAME=$USER SHELL=/bin/bash
	export PATH USER LOGNAME SHELL DBX_CONTAINER_MANAGER=podman
	[ ! -r "$DESKTOP_TAR" ] || {
		rl import -q --change 'LABEL com.github.containers.toolbox=true' --change 'CMD ["bash"]' \
			"$DESKTOP_TAR" quay.io/toolbx-images/debian-toolbox:12
		rl tag quay.io/toolbx-images/debian-toolbox:12 docker.io/library/debian:12
	} > /dev/null
}
teardown_file() { common_teardown_file; }
setup() { common_setup; : > "$CALLS"; }
teardown() { common_teardown; }

need_desktop() {
	[ -r "$DESKTOP_TAR" ] || missing "no desktop.tar beside DEBIAN_TAR (tests/vm/mkguest makes it)"
}

# toolbox gives the system bus to its container; a machine without one gets a socket of that name.
toolbox_setup() {
	need toolbox python3
	cd /
	need_desktop
	[ ! -S /run/dbus/system_bus_socket ] || return 0
	rm -f "$XDG_RUNTIME_DIR/bus"
	python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$XDG_RUNTIME_DIR/bus"
	export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$XDG_RUNTIME_DIR/bus
}

@test "toolbox: create, list, run, exit codes, rm" {
	toolbox_setup
	run -0 toolbox -y create
	like "$output" "*Created container: debian-toolbox-12*"
	# It takes us for a podman that is new enough for these.
	run -0 cat "$CALLS"
	like "$output" "*--mount type=devpts,destination=/dev/pts*"
	like "$output" "*--ulimit host*"
	like "$output" "*--userns keep-id*"

	run -0 toolbox run id -un
	is "$output" "$USER"
	run -0 toolbox run sudo id -u
	like "$output" "*0"
	run -7 toolbox run sh -c 'exit 7'
	run -127 toolbox run no-such-program
	run -0 bash -c 'echo through | toolbox run cat'
	is "$output" through
	cd /usr/share
	run -0 toolbox run pwd
	is "$output" /usr/share
	# Home and runtime directory are the host's, and the files there are ours.
	run -0 toolbox run sh -c "echo written > $XDG_RUNTIME_DIR/by-box"
	run -0 stat -c '%u' "$XDG_RUNTIME_DIR/by-box"
	is "$output" "$(id -u)"

	run -0 toolbox list --containers
	like "$output" "*debian-toolbox-12*running*debian*:12*"
	run -0 toolbox list --images
	like "$output" "*quay.io/toolbx-images/debian-toolbox:12*"
	run toolbox rm debian-toolbox-12
	like "$output" "*is running*"
	run -0 toolbox rm --force debian-toolbox-12
	run -0 toolbox list --containers
	is "$output" ""
	run -1 toolbox run -c debian-toolbox-12 true
	like "$output" "*container debian-toolbox-12 not found*"
}

@test "toolbox: enter gives a login shell on the terminal" {
	toolbox_setup
	run -0 toolbox -y create box
	run -0 "$LIB/tty" 'expect=$ ' 'send=tty; echo up$((40+2)); exit\r' -- toolbox enter box
	like "$output" "*/dev/pts/*up42*"
	# Entered again it is the same container, which runs.
	run -0 "$LIB/tty" 'expect=$ ' 'send=echo in $(hostname); exit\r' -- toolbox enter box
	like "$output" "*in toolbox*"
	run -0 toolbox rm --force box
}

@test "distrobox: create, enter, list, stop, rm" {
	need distrobox
	need_desktop
	run -0 distrobox create --yes --image docker.io/library/debian:12 --name dbox
	like "$output" "*'dbox' successfully created*"
	run -0 cat "$CALLS"
	like "$output" "*--userns keep-id*"

	run -0 distrobox enter -n dbox -- id -un
	like "$output" "*Container Setup Complete*$USER"
	cd /usr/share
	run -0 distrobox enter -n dbox -- pwd
	is "$output" /run/host/usr/share
	run -1 distrobox enter -n dbox -- false
	run -0 distrobox enter -n dbox -- sudo id -u
	is "$output" 0
	run -0 "$LIB/tty" 'expect=$ ' 'send=tty; echo up$((40+2)); exit\r' -- distrobox enter -n dbox
	like "$output" "*/dev/pts/*up42*"

	run -0 distrobox list --no-color
	like "$output" "*dbox*docker.io/library/debian:12*"
	run -0 distrobox stop --yes dbox
	run -0 podman inspect --format '{{.State.Status}}' dbox
	is "$output" exited
	# What its first start has set up is still there.
	run -0 distrobox enter -n dbox -- id -un
	like "$output" "*$USER"
	run -0 distrobox rm --force dbox
	run -0 podman ps -aq
	is "$output" ""
}

@test "distrobox: clone and a throw-away box" {
	need distrobox
	need_desktop
	run -0 distrobox create --yes --image docker.io/library/debian:12 --name origin
	run -0 distrobox enter -n origin -- sudo touch /origin-was-here
	run -0 distrobox stop --yes origin
	run -0 distrobox create --yes --clone origin --name copy
	run -0 distrobox enter -n copy -- ls /origin-was-here
	like "$output" "*/origin-was-here"
	run -0 distrobox rm --force origin copy
	run -0 distrobox ephemeral --image docker.io/library/debian:12 -- id -un
	like "$output" "*$USER*"
	run -0 podman ps -aq
	is "$output" ""
}
