#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Layers for containers whose ids are mapped otherwise: made once, never copied where the kernel
# follows a file into a data-only layer, and never written to.

load lib/common
ZOO=localhost/zoo:latest
setup_file() {
	local l
	common_setup_file
	l=$(fixture_zoo)
	skopeo --insecure-policy copy -q "oci:$l:latest" "oci-archive:$BATS_FILE_TMPDIR/zoo.tar:$ZOO"
	rl load -q -i "$BATS_FILE_TMPDIR/zoo.tar" > /dev/null
}
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() {
	rl unshare sh -c "rm -rf $ROOT/layers/*/heads-* $ROOT/layers/*/map-*; rm -f $ROOT/cache/lower-data.*"
	common_teardown
}

zoo() { run_rl run --rm --network=none --user 0 --entrypoint /bin/sh "$@"; }
list_maps() { find "$ROOT/layers" -mindepth 2 -maxdepth 2 -name "$1" -not -name 'tar-split*'; }
# This store mounts mapped layers without copying them.
need_heads() {
	zoo --userns=keep-id $ZOO -c true
	[ -n "$(list_maps 'heads-*')" ] || missing "overlay follows no file into a data-only layer here"
}
# As a kernel before 6.16 has it.
without_heads() { printf no > "$ROOT/cache/lower-data.$(uname -r)"; }

ALL='find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /etc -o -path /run \) -prune -o -exec stat -c "%n %F %s %a %u:%g" {} + | sort;
	find /bin /zoo -type f -exec md5sum {} + | sort'

@test "every file is the same under every map" {
	local plain
	plain=$(rl run --rm --network=none --user 0 --entrypoint /bin/sh $ZOO -c "$ALL" | grep -v "^/ \|^/zoo ")
	[ "$(wc -l <<< "$plain")" -gt 20 ]
	for mode in keep-id auto nomap keep-id:uid=5,gid=6; do
		zoo --userns=$mode $ZOO -c "$ALL"
		is "$(rl run --rm --network=none --userns=$mode --user 0 --entrypoint /bin/sh $ZOO -c "$ALL" |
			grep -v "^/ \|^/zoo ")" "$plain" "$mode"
	done
	without_heads
	is "$(rl run --rm --network=none --userns=auto --user 0 --entrypoint /bin/sh $ZOO -c "$ALL" |
		grep -v "^/ \|^/zoo ")" "$plain" copied
	[ -n "$(list_maps 'map-*')" ]
}

@test "no content is copied, and the second container makes nothing" {
	local before bytes
	need_heads
	before=$(list_maps 'heads-*' | sort)
	is "$(list_maps 'map-*')" ""
	# One for all three layers.
	is "$(wc -l <<< "$before")" 1
	zoo --userns=keep-id $ZOO -c true
	is "$(list_maps 'heads-*' | sort)" "$before"
	# busybox lies in one layer, once: every other name leads to the same file.
	bytes=$(rl unshare sh -c "cd $ROOT/layers && du -s -B1 \$(find . -name busybox -size +100k -path '*/heads-*' | head -n 1)" | cut -f1)
	is "$bytes" 0
	[ "$(rl unshare sh -c "find $ROOT/layers -path '*/data/*' -size +100k -links +1 | wc -l")" -ge 1 ]
}

@test "what a container writes stays its own" {
	local sums
	need_heads
	sums=$(rl unshare sh -c "find $ROOT/layers -path '*/diff/*' -type f -exec md5sum {} + | sort | md5sum")
	run_rl run --name w --network=none --userns=keep-id --user 0 --entrypoint /bin/sh $ZOO -c '
		echo mine >> /zoo/one && truncate -s 5 /zoo/opaque/new && chmod 0 /zoo/opaque/new &&
		ln /zoo/opaque/new /zoo/second && : > /etc/passwd; chown 7 /bin/busybox'
	is "$(rl unshare sh -c "find $ROOT/layers -path '*/diff/*' -type f -exec md5sum {} + | sort | md5sum")" "$sums"
	zoo --userns=keep-id $ZOO -c 'cat /zoo/opaque/new; stat -c %u /bin/busybox'
	is "$output" new$'\n'0
	zoo $ZOO -c 'cat /zoo/opaque/new'
	is "$output" new
	# commit takes what was written, with the image's own owners.
	run_rl commit -q w localhost/w:1
	zoo localhost/w:1 -c 'stat -c %s:%a:%u /zoo/second; stat -c %u /bin/busybox'
	is "$output" 5:0:0$'\n'7
	run_rl rm w
	run_rl rmi localhost/w:1
}

@test "starts at once make each layer once" {
	local n pids=()
	for n in 1 2 3 4 5; do
		rl run --rm --network=none --userns=keep-id --entrypoint /bin/sh $ZOO -c true 3>&- &
		pids+=($!)
	done
	for n in "${pids[@]}"; do wait "$n"; done
	is "$(list_maps 'heads-*' | sed 's/.*heads/heads/' | sort -u | wc -l)" 1
	is "$(list_maps '*.lock')" ""
	is "$(find "$ROOT/tmp" -mindepth 1 -maxdepth 1)" ""
}

@test "kill -9 half way leaves nothing that is seen" {
	local n pid
	for n in 1 2 3 4 5 6 7 8; do
		rl unshare sh -c "rm -rf $ROOT/layers/*/heads-* $ROOT/layers/*/map-*"
		setsid "$ROOTLET" --root "$ROOT" create --name k$n --network=none --userns=keep-id $ZOO true > /dev/null 2>&1 3>&- &
		pid=$!
		sleep 0.0$((n * 2))
		kill -9 -- -$pid 2> /dev/null || kill -9 $pid 2> /dev/null || true
		wait $pid || true
		for d in $(list_maps 'heads-*' | grep -v 'lock$'); do [ -d "$d/diff" ] && [ -d "$d/data" ]; done
	done
	zoo --userns=keep-id $ZOO -c 'cat /zoo/opaque/new'
	is "$output" new
	run_rl rm -af
	run_rl system check --repair
	run_rl system check
}

@test "a container made under another kernel starts" {
	need_heads
	run_rl create --name c --network=none --userns=keep-id --user 0 --entrypoint /bin/sh $ZOO -c 'cat /zoo/opaque/new; cat /mine 2> /dev/null; echo mine > /mine'
	run_rl start -a c
	is "$output" new
	without_heads
	run_rl start -a c
	is "$output" new$'\n'mine
	[ -n "$(list_maps 'map-*')" ]
}

@test "gone with the image; a damaged one is found and made again" {
	local d
	zoo --userns=keep-id $ZOO -c true
	d=$(list_maps '*-*' | head -n 1)
	rl unshare rm -rf "$d/diff"
	run_rl '?' system check
	like "$output" "*its files are missing*"
	run_rl system check --repair
	run_rl system check
	zoo --userns=keep-id $ZOO -c 'cat /zoo/opaque/new'
	is "$output" new
	run_rl rmi $ZOO
	zoo --userns=keep-id $BB -c true
	is "$(list_maps '*-*' | wc -l)" 1
	rl load -q -i "$BATS_FILE_TMPDIR/zoo.tar"
}

@test "vfs copies straight to the right owners" {
	local r=$BATS_TEST_TMPDIR/vfs
	"$ROOTLET" --root "$r" --storage-driver vfs load -q -i "$BATS_FILE_TMPDIR/zoo.tar"
	run "$ROOTLET" --root "$r" run --rm --network=none --userns=keep-id --entrypoint /bin/sh $ZOO -c 'id -u; stat -c %u /bin/busybox; cat /zoo/opaque/new'
	is "$output" "$(id -u)"$'\n'0$'\n'new
	is "$(find "$r/layers" -mindepth 2 -maxdepth 2 -name '*-*' | grep -v tar-split)" ""
	remove_store "$r"
}
