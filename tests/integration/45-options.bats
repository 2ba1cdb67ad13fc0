#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Options that reach into other parts of the host: hooks, time zones, users, subpaths of volumes.

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

@test "hooks.d: a hook runs at its stages with the state on stdin, and only when it applies" {
	mkdir hooks
	cat > hooks/a.json <<EOT
{"version":"1.0.0","hook":{"path":"/bin/sh","args":["sh","-c","cat >> $PWD/state; echo >> $PWD/state"]},
 "when":{"annotations":{"^want\$":"^yes\$"}},"stages":["createRuntime","poststop"]}
EOT
	run_rl --hooks-dir "$PWD/hooks" run --rm --network=none $BB true
	[ ! -e state ]
	run_rl --hooks-dir "$PWD/hooks" run --rm --network=none --annotation want=yes --name hooked $BB true
	is "$(wc -l < state)" 2
	is "$(sed -n 1p state | jq -r .status)" created
	is "$(sed -n 2p state | jq -r .status)" stopped
	is "$(sed -n 1p state | jq -r .annotations.want)" yes
}

@test "hooks.d: a hook that fails stops the start, and a wrong file is told" {
	mkdir hooks
	echo '{"version":"1.0.0","hook":{"path":"/bin/false"},"when":{"always":true},"stages":["createRuntime"]}' > hooks/a.json
	run_rl 126 --hooks-dir "$PWD/hooks" run --rm --network=none $BB true
	like "$output" "*/bin/false*"
	echo '{"version":"1.0.0","hook":{"path":"relative"},"when":{"always":true},"stages":["createRuntime"]}' > hooks/a.json
	run_rl 126 --hooks-dir "$PWD/hooks" run --rm --network=none $BB true
	like "$output" "*a.json*absolute*"
}

@test "--tz: a zone of the host, or a clear no" {
	[ -e /usr/share/zoneinfo/Asia/Tokyo ] || skip "no zoneinfo (tzdata)"
	run_rl run --rm --network=none --tz Asia/Tokyo $BB date +%z
	is "$output" +0900
	run_rl 125 run --rm --network=none --tz No/Where $BB date
	like "$output" "*No/Where*"
	run_rl 125 run --rm --network=none --tz ../../etc/passwd $BB date
}

@test "a user whom the image does not know has a line in passwd, unless --passwd=false" {
	run_rl run --rm --network=none --user 4321 $BB sh -c 'id -un; tail -1 /etc/passwd'
	is "${lines[0]}" 4321
	like "${lines[1]}" "4321:*:4321:0:*"
	run_rl run --rm --network=none --user 4321 --passwd-entry '$USERNAME:x:$UID:$GID:me:/tmp:/bin/sh' $BB tail -1 /etc/passwd
	is "$output" "4321:x:4321:0:me:/tmp:/bin/sh"
	run_rl run --rm --network=none --user 4321 --passwd=false $BB grep -c 4321 /etc/passwd || true
	is "${lines[0]}" 0
	run_rl run --rm --network=none --userns=keep-id $BB id -un
	is "$output" "$(id -un)"
}

@test "subpath= of a volume: what a link in it leads to stays inside" {
	run_rl run --rm --network=none -v sub:/d $BB sh -c 'mkdir /d/in; echo yes > /d/in/f; ln -s /etc /d/out; ln -s in /d/alias'
	run_rl run --rm --network=none --mount type=volume,source=sub,target=/x,subpath=in $BB cat /x/f
	is "$output" yes
	run_rl run --rm --network=none --mount type=volume,source=sub,target=/x,subpath=alias $BB cat /x/f
	is "$output" yes
	run_rl 126 run --rm --network=none --mount type=volume,source=sub,target=/x,subpath=out $BB ls /x
	like "$output" "*subpath*out*"
	rl volume rm sub
}

@test "stdin, stdout and stderr may be closed" {
	run sh -c '"$0" --root "$1" run --rm --network=none --name closed "$2" true <&- >&- 2>&-' "$ROOTLET" "$ROOT" "$BB"
	is "$status" 0
	run_rl ps -aq
	is "$output" ""
}
