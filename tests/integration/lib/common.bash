# SPDX-License-Identifier: Apache-2.0
# What every bats file needs. In the file:
#
#   load lib/common
#   setup_file() { common_setup_file; }          # own store and runtime directory, image "bb"
#   teardown_file() { common_teardown_file; }
#   setup() { common_setup; }
#   teardown() { common_teardown; }              # proves that nothing is left
#
# ROOTLET may name another engine with the same command line (podman) to check the tests with.

bats_require_minimum_version 1.5.0
LIB=${BASH_SOURCE[0]%/*}
. "$LIB/images.bash"
. "$LIB/registry.bash"

BB=localhost/bb:latest

# rl ARGS: the engine on the store of this file.
rl() {
	"$ROOTLET" --root "$ROOT" "$@"
}

is_peer() {
	[ "${ROOTLET##*/}" != rootlet ]
}

# missing WHAT: skips, or fails under ROOTLET_TEST_STRICT=1.
missing() {
	[ "${ROOTLET_TEST_STRICT:-0}" != 1 ] || die "strict: $1"
	skip "$1"
}

# later OUTPUT: skips what says of itself that it is not there yet.
later() {
	[[ $1 != *"not supported yet"* ]] || missing "$1"
}

need() {
	local p
	for p; do
		command -v "$p" > /dev/null || missing "program $p is not installed"
	done
}

die() {
	echo "# $*" >&2
	return 1
}

# Runs rl and wants the exit status N (default 0): run_rl [N] ARGS. Output in $output and $lines.
# "run_rl ?" takes any status.
run_rl() {
	local want=0
	case $1 in
	[0-9] | [0-9][0-9] | [0-9][0-9][0-9]) want=$1; shift ;;
	\?) want=; shift ;;
	esac
	# Shown by bats when what follows fails.
	echo "rootlet $*"
	if [ -z "$want" ]; then
		run rl "$@"
	else
		run "-$want" rl "$@" || want=not
	fi
	head -n 30 <<< "$output"
	[ "$want" != not ]
}

# rl_tty EVENTS... -- ARGS: the engine on a terminal (see lib/tty); run with "run".
rl_tty() {
	local events=()
	while [ "$1" != -- ]; do events+=("$1"); shift; done
	shift
	"$LIB/tty" "${events[@]}" -- "$ROOTLET" --root "$ROOT" "$@"
}

# is GOT WANT [WHAT]; like GOT PATTERN (glob) [WHAT]; unlike GOT PATTERN
is() {
	[ "$1" == "$2" ] || { printf '%s\n got: %s\nwant: %s\n' "${3:-differs}" "$1" "$2"; return 1; }
}

like() {
	# shellcheck disable=SC2053 # a pattern
	[[ "$1" == $2 ]] || { printf '%s\n    got: %s\npattern: %s\n' "${3:-does not match}" "$1" "$2"; return 1; }
}

unlike() {
	# shellcheck disable=SC2053
	[[ "$1" != $2 ]] || { printf 'must not match\n    got: %s\npattern: %s\n' "$1" "$2"; return 1; }
}

# An error is one line that begins with the name of the program.
is_one_error() {
	is_peer && return 0
	# A wrong command line may be followed by where to look.
	[ "${#lines[@]}" -eq 1 ] || [[ ${#lines[@]} -eq 2 && ${lines[1]} = "see: "* ]] ||
		{ echo "an error is one line, got ${#lines[@]}:"; echo "$output"; return 1; }
	like "${lines[0]}" "rootlet: *"
}

# wait_for SECONDS COMMAND: until it succeeds.
wait_for() {
	local end=$((SECONDS + $1))
	shift
	until "$@" > /dev/null 2>&1; do
		[ $SECONDS -lt $end ] || { echo "gave up waiting for: $*"; return 1; }
		sleep 0.05
	done
}

# field NAME FIELD: of a container, as inspect has it; is_field NAME FIELD VALUE; state NAME.
field() {
	rl inspect --format "{{.$2}}" "$1"
}

is_field() {
	[ "$(field "$1" "$2")" = "$3" ]
}

state() {
	field "$1" State.Status
}

free_port() {
	registry_port
}

# persona_setup_file NAME...: in setup_file, behind common_setup_file: podman or docker in PATH is rootlet
# under that name, with the file's store.
persona_setup_file() {
	local name
	mkdir -p "$BATS_FILE_TMPDIR/bin"
	for name; do
		printf '#!/bin/bash\nexec -a %s "%s" --root "%s" "$@"\n' "$name" "$ROOTLET" "$ROOT" \
			> "$BATS_FILE_TMPDIR/bin/$name"
		chmod 0755 "$BATS_FILE_TMPDIR/bin/$name"
	done
	PATH=$BATS_FILE_TMPDIR/bin:$PATH
	export PATH
}

# --- what may not be left behind ------------------------------------------------------------

# The engine's processes: those that carry this file's mark in their environment and have left our
# user namespace (monitors), and the servers of networks and file systems in the session's, whose
# environment is bare. The pause process is meant to stay.
engine_processes() {
	local pid userns=${SESSION_USERNS:-$(session_userns)}
	for pid in $(grep -lzx "ROOTLET_TEST_MARK=$ROOTLET_TEST_MARK" /proc/[0-9]*/environ 2> /dev/null |
		cut -d/ -f3); do
		[ "$(readlink "/proc/$pid/ns/user" 2> /dev/null)" = "$OWN_USERNS" ] ||
			ps -o pid=,ppid=,uid=,args= -p "$pid"
	done
	[ -n "$userns" ] || return 0
	for pid in $(pgrep -u "$(id -u)" -f '^[^ ]*(slirp4netns|pasta|fuse-overlayfs)( |$)'); do
		[ "$(readlink "/proc/$pid/ns/user" 2> /dev/null)" != "user:[$userns]" ] ||
			ps -o pid=,ppid=,uid=,args= -p "$pid"
	done
}

session_userns() { awk '/^userns / { print $2 }' "${XDG_RUNTIME_DIR:-/}/rootlet/session" 2> /dev/null || true; }

check_nothing_left() {
	local left n
	is_peer && return 0
	for n in 1 2 3 4 5 6 7 8 9 10; do
		left=$(engine_processes | grep -vE 'rootlet-pause|rootlet: pause' || true)
		[ -z "$left" ] && break
		sleep 0.1
	done
	[ -z "$left" ] || { echo "left behind, processes:"; echo "$left"; return 1; }

	left=$(find "$ROOT/containers" -mindepth 1 -maxdepth 1 -not -name names 2> /dev/null)
	[ -z "$left" ] || { echo "left behind, container directories:"; echo "$left"; return 1; }
	left=$(find "$ROOT/tmp" -mindepth 1 -maxdepth 1 2> /dev/null)
	[ -z "$left" ] || { echo "left behind, temporary files:"; echo "$left"; return 1; }
	left=$(grep -F "$ROOT" /proc/self/mountinfo || true)
	[ -z "$left" ] || { echo "left behind, mounts:"; echo "$left"; return 1; }
	left=$(rl unshare cat /proc/self/mountinfo 2> /dev/null | grep -F "$ROOT" || true)
	[ -z "$left" ] || { echo "left behind, mounts of the session:"; echo "$left"; return 1; }
}

# --- setup and teardown ----------------------------------------------------------------------

common_setup_file() {
	local l
	[ -n "${ROOTLET:-}" ] || ROOTLET=${BUILD:?BUILD names the build directory}/rootlet
	ROOT=$BATS_FILE_TMPDIR/root
	# KEEP_SESSION: the runtime directory of the login, for tests that are about it.
	if [ -z "${KEEP_SESSION:-}" ]; then
		XDG_RUNTIME_DIR=$(mktemp -d /tmp/rlx-XXXXXX)
		chmod 0700 "$XDG_RUNTIME_DIR"
	fi
	HOME=$BATS_FILE_TMPDIR/home
	mkdir -p "$HOME"
	ROOTLET_TEST_MARK=$$-$RANDOM$RANDOM
	OWN_USERNS=$(readlink /proc/self/ns/user)
	export ROOTLET ROOT XDG_RUNTIME_DIR HOME ROOTLET_TEST_MARK OWN_USERNS
	unset REGISTRY_AUTH_FILE DOCKER_CONFIG CONTAINERS_CONF CONTAINERS_STORAGE_CONF XDG_DATA_HOME XDG_CONFIG_HOME
	[ "${1:-}" = noimage ] && return 0
	load_busybox
}

# load_busybox: the plain image into the store, as localhost/bb:latest.
load_busybox() {
	local l
	l=$(fixture_once busybox.tar make_busybox_archive) || return 1
	rl load -q -i "$l/bb.tar" > /dev/null
}

# remove_store DIR: it holds files of subordinate ids, which rm alone may not touch.
remove_store() {
	rl unshare rm -rf "$1" > /dev/null 2>&1 || true
	[ ! -e "$1" ] || { chmod -R u+rwx "$1"; rm -rf "$1"; } 2> /dev/null || true
}

make_busybox_archive() {
	local l
	l=$(fixture_busybox) || return 1
	skopeo --insecure-policy copy -q "oci:$l:latest" "oci-archive:$1/bb.tar:$BB"
}

common_setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

common_teardown() {
	rl rm -af -t 0 > /dev/null 2>&1
	rl volume prune -f > /dev/null 2>&1
	check_nothing_left
}

common_teardown_file() {
	local pid left
	rl rm -af -t 0 > /dev/null 2>&1
	remove_store "$ROOT"
	SESSION_USERNS=$(session_userns)
	rl system migrate > /dev/null 2>&1
	for pid in $(engine_processes | awk '{ print $1 }'); do
		left=1
		kill -9 "$pid" 2> /dev/null
	done
	[ -n "${KEEP_SESSION:-}" ] || rm -rf "$XDG_RUNTIME_DIR"
	is_peer || [ -z "${left:-}" ] || { echo "# processes were left after 'system migrate'" >&2; return 1; }
}
