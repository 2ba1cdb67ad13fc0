# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# For scripts that were started by root: rootlet refuses root, so an ordinary account does the work.
# Sourced by contrib/quickstart and contrib/check; $0 and $say name the script.

say() {
	echo "${0##*/}: $*"
}

# account_free_range FILE: the start of 65536 ids that nobody has, from 100000 up.
account_free_range() {
	awk -F: 'BEGIN { top = 100000 } $2 + $3 > top { top = $2 + $3 } END { print top }' "$1"
}

# account_make NAME: the account exists and has subordinate ids.
account_make() {
	if ! id "$1" > /dev/null 2>&1; then
		say "making the unprivileged account '$1', because rootlet refuses to run as root"
		if command -v useradd > /dev/null 2>&1; then
			useradd --create-home --shell /bin/bash "$1"
		else
			adduser -D "$1"
		fi || return 1
	fi
	touch /etc/subuid /etc/subgid
	for account_file in /etc/subuid /etc/subgid; do
		grep -q "^$1:" "$account_file" && continue
		account_start=$(account_free_range "$account_file")
		say "giving '$1' the subordinate ids $account_start-$((account_start + 65535)) in $account_file"
		echo "$1:$account_start:65536" >> "$account_file"
	done
}

# account_session NAME: the runtime directory a login would have made; prints its path.
account_session() {
	account_run=/run/user/$(id -u "$1")
	mkdir -p "$account_run" && chown "$1:" "$account_run" && chmod 0700 "$account_run"
	echo "$account_run"
}

# account_devices: what udev does elsewhere; without it /dev/fuse and tun are root's alone.
account_devices() {
	for account_dev in "/dev/fuse 10 229" "/dev/net/tun 10 200"; do
		# shellcheck disable=SC2086 # three words
		set -- $account_dev
		if [ ! -e "$1" ]; then
			mkdir -p "$(dirname "$1")"
			mknod "$1" c "$2" "$3" 2> /dev/null || say "no $1 here, and it cannot be made"
		fi
		[ -e "$1" ] || continue
		if [ "$(stat -c %a "$1")" != 666 ]; then
			say "chmod 0666 $1, as on every desktop"
			chmod 0666 "$1"
		fi
	done
	if [ "$(cat /proc/sys/user/max_user_namespaces 2> /dev/null)" = 0 ]; then
		say "sysctl user.max_user_namespaces=15000 (it was 0)"
		echo 15000 > /proc/sys/user/max_user_namespaces
	fi
	if [ "$(cat /proc/sys/kernel/unprivileged_userns_clone 2> /dev/null)" = 0 ]; then
		say "sysctl kernel.unprivileged_userns_clone=1 (it was 0)"
		echo 1 > /proc/sys/kernel/unprivileged_userns_clone
	fi
	return 0
}

# account_copy NAME FROM TO: the source tree without history and builds, owned by NAME.
account_copy() {
	rm -rf "$3"
	mkdir -p "$3"
	tar -C "$2" --exclude=./.git --exclude=./build --exclude=./build-check --exclude=./autom4te.cache \
		--exclude='*.o' --exclude='*.a' --exclude=./config.status --exclude=./Makefile -cf - . |
		tar -C "$3" -xf - && chown -R "$1:" "$3"
}

# account_run NAME DIR COMMAND...: runs it there as NAME, in an environment like that of a login.
account_run() {
	account_name=$1 account_dir=$2
	shift 2
	account_xdg=$(account_session "$account_name")
	account_home=$(getent passwd "$account_name" | cut -d: -f6)
	say "the rest is done as '$account_name' in $account_dir"
	cd "$account_dir" || return 1
	# A terminal stays usable: runuser without a new session.
	runuser -u "$account_name" -- env -i HOME="$account_home" USER="$account_name" \
		LOGNAME="$account_name" SHELL=/bin/bash TERM="${TERM:-dumb}" LANG=C.UTF-8 \
		PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin \
		XDG_RUNTIME_DIR="$account_xdg" "$@"
}
