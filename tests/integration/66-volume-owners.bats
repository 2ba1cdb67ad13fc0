#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Data of images made for Docker: a directory that belongs to user 999, a program that starts as root and
# becomes 999, or is 999 from the beginning. No chown by hand, whoever the ids belong to.

load lib/common
setup_file() {
	common_setup_file
	cat > "$BATS_FILE_TMPDIR/entry" <<-'EOF'
		#!/bin/sh
		set -e
		if [ "$(id -u)" = 0 ]; then
			find "$DATA" \! -user db -exec chown db '{}' +
			exec su -s /bin/sh db -c "DATA=$DATA /entry"
		fi
		echo run >> "$DATA/state"
		echo "$(id -u) $(wc -l < "$DATA/state")"
	EOF
	chmod 755 "$BATS_FILE_TMPDIR/entry"
	rl create --name base --network=none $BB sh -c 'echo db:x:999:999::/data:/bin/sh >> /etc/passwd; echo db:x:999: >> /etc/group; mkdir -m 700 /data; echo seed > /data/seed; chmod 600 /data/seed; chown -R db:db /data' > /dev/null
	rl cp "$BATS_FILE_TMPDIR/entry" base:/entry
	rl start -a base
	local common=(--change 'ENTRYPOINT ["/entry"]' --change 'CMD []')
	rl commit -q "${common[@]}" --change 'ENV DATA=/data' --change 'VOLUME /data' base localhost/db-root > /dev/null
	rl commit -q "${common[@]}" --change 'ENV DATA=/data' --change 'VOLUME /data' --change 'USER 999' base localhost/db-user > /dev/null
	rl commit -q "${common[@]}" --change 'ENV DATA=/srv/new' --change 'VOLUME /srv/new' --change 'USER db' base localhost/db-new > /dev/null
	rl rm base > /dev/null
}
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

# all WANT ARGS: every image, on an anonymous volume and twice on a named one; the data of the first run
# is there in the second.
all() {
	local image how got= RUN
	for image in db-root:/data db-user:/data db-new:/srv/new; do
		RUN=$RANDOM$RANDOM
		for how in anonymous named named; do
			local v=()
			[ $how = anonymous ] || v=(-v "v$RUN:${image#*:}")
			run_rl run --rm --network=none "${v[@]}" "${@:2}" "localhost/${image%:*}"
			got="$got$output,"
		done
	done
	is "$got" "$1 1,$1 1,$1 2,$1 1,$1 1,$1 2,$1 1,$1 1,$1 2,"
}

@test "root that becomes 999, USER 999, a VOLUME that the image lacks" {
	all 999
}

@test "the same under --userns=keep-id, as the caller" {
	all "$(id -u)" --userns=keep-id
}

@test "the same under --userns=keep-id:uid=999,gid=999" {
	all 999 --userns=keep-id:uid=999,gid=999
}

@test "a volume with data in it keeps its owner" {
	run_rl volume create mine
	run_rl run --rm --network=none --entrypoint= -v mine:/x $BB sh -c 'echo other > /x/f; chown 5:5 /x /x/f'
	run_rl run --rm --network=none --entrypoint= -v mine:/data localhost/db-root stat -c '%u' /data /data/f
	is "$output" $'5\n5'
}

@test "the same for somebody who has one id" {
	need unshare
	export XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR/run
	mkdir -m 700 run
	: > empty
	for i in db-root db-user db-new; do rl save -q -o $i.tar localhost/$i; done
	cat > one <<-EOF
		mount --bind empty /etc/subuid && mount --bind empty /etc/subgid || exit 1
		R="$ROOTLET --root $PWD/store"
		place() { [ \$1 = db-new ] && echo /srv/new || echo /data; }
		for i in db-root db-user db-new; do \$R load -q -i \$i.tar > load.log 2>&1 || cat load.log; done
		for i in db-user db-new; do
			for n in 1 2; do \$R run --rm --network=none -v \$i:\$(place \$i) localhost/\$i 2> err || cat err; done
			\$R run --rm --network=none localhost/\$i 2> err || cat err
		done
		for n in 1 2; do \$R run --rm --network=none --userns=keep-id:uid=999,gid=999 -v r:/data localhost/db-root 2> err || cat err; done
		\$R rm -af > /dev/null 2>&1
		\$R system migrate > /dev/null 2>&1
	EOF
	run unshare -rm sh one
	echo "$output"
	is "$(echo "$output" | grep -v WARN | tr '\n' ,)" "999 1,999 2,999 1,999 1,999 2,999 1,999 1,999 2,"
	unshare -r rm -rf store 2> /dev/null || true
}
