#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# containers.conf: keys about the engine itself; commit --config.

load lib/common
setup_file() {
	common_setup_file
}
teardown_file() { common_teardown_file; }
setup() {
	common_setup
	export CONTAINERS_CONF=$BATS_TEST_TMPDIR/containers.conf
	: > "$CONTAINERS_CONF"
}
teardown() { common_teardown; }

@test "oom_score_adj, keyring = false: the container's; the command line wins" {
	printf '[containers]\noom_score_adj = 321\nkeyring = false\n' > "$CONTAINERS_CONF"
	run_rl run --rm --network=none $BB cat /proc/self/oom_score_adj
	is "$output" 321
	run_rl run --rm --network=none --oom-score-adj=400 $BB cat /proc/self/oom_score_adj
	is "$output" 400
	printf '[containers]\noom_score_adj = 2000\n' > "$CONTAINERS_CONF"
	run_rl 125 run --rm --network=none $BB true
	like "$output" "*containers.conf: oom_score_adj: expected a number from -1000 to 1000"
}

@test "userns_size is the size of --userns=auto" {
	printf '[containers]\nuserns_size = 1234\n' > "$CONTAINERS_CONF"
	run_rl run --rm --network=none --userns=auto $BB cat /proc/self/uid_map
	is "$(echo "$output" | awk '{ print $3 }')" 1234
	run_rl run --rm --network=none --userns=auto:size=77 $BB cat /proc/self/uid_map
	is "$(echo "$output" | awk '{ print $3 }')" 77
	printf '[containers]\nuserns_size = 0\n' > "$CONTAINERS_CONF"
	run_rl 125 run --rm --network=none --userns=auto $BB true
	like "$output" "*userns_size*"
}

@test "engine.env is for the engine, and does not replace what is set" {
	printf '[engine]\nenv = ["http_proxy=http://conf:1", "FROM_CONF=1"]\n' > "$CONTAINERS_CONF"
	run_rl run --rm --network=none $BB sh -c 'echo "$http_proxy|$FROM_CONF"'
	is "$output" "http://conf:1|"
	http_proxy=http://user:2 run_rl run --rm --network=none $BB sh -c 'echo "$http_proxy"'
	is "$output" "http://user:2"
}

@test "events_logfile_path: written, read and followed there, by rootlet-image too" {
	printf '[engine]\nevents_logger = "file"\nevents_logfile_path = "%s/my/ev.log"\n' "$PWD" > "$CONTAINERS_CONF"
	mkdir my
	run_rl volume create elsewhere
	run_rl tag $BB other:tag
	rl save -o s.tar $BB
	rl load -i s.tar
	run_rl events --stream=false --since 1m --format '{{.Type}} {{.Status}} {{.Name}}'
	like "$output" "*volume create elsewhere*image loadfromarchive s.tar*"
	grep -q '"elsewhere"' my/ev.log
	! grep -q elsewhere "$ROOT/events.log"
	"$ROOTLET" --root "$ROOT" events --format '{{.Name}}' --filter type=volume > followed 3>&- &
	pid=$!
	wait_for 5 sh -c "grep -q inotify /proc/$pid/fdinfo/*"
	run_rl volume rm elsewhere
	wait_for 5 grep -q elsewhere followed
	kill $pid
	run_rl rmi other:tag
}

@test "prepare_volume_on_create fills a volume when the container is made" {
	run_rl volume create v
	mnt=$(rl volume inspect -f '{{.Mountpoint}}' v)
	run_rl create --name a -v v:/etc $BB
	is "$(ls "$mnt")" ""
	printf '[containers]\nprepare_volume_on_create = true\n' > "$CONTAINERS_CONF"
	run_rl create --name b -v v:/etc $BB
	[ -e "$mnt/passwd" ]
	is "$(rl volume inspect -f '{{.NeedsCopyUp}}' v)" false
	run_rl rm a b
	run_rl volume rm v
}

@test "commit --config merges a configuration, --change comes after it" {
	run_rl create --name a -e A=1 -e B=2 --label l=1 $BB
	cat > c.json <<- END
		{"User": "7:8", "Env": ["B=conf", "C=3"], "Labels": {"m": "2"}, "Cmd": ["echo", "hi"],
		 "ExposedPorts": {"80/tcp": {}}, "Volumes": {"/v": {}}, "WorkingDir": "/tmp", "StopSignal": null}
	END
	run_rl commit -q --config c.json -c WORKDIR=/home a merged
	run_rl image inspect -f '{{.Config.User}} {{.Config.WorkingDir}} {{.Config.Labels.l}} {{.Config.Labels.m}} {{json .Config.Cmd}} {{json .Config.ExposedPorts}} {{json .Config.Volumes}}' merged
	is "$output" '7:8 /home 1 2 ["echo","hi"] {"80/tcp":{}} {"/v":{}}'
	run_rl image inspect -f '{{range .Config.Env}}{{.}} {{end}}' merged
	like "$output" "*A=1*B=conf*C=3*"
	echo '{"Cmd": "text"}' > bad.json
	run_rl 125 commit --config bad.json a x
	like "$output" "*--config bad.json: 'Cmd' is not what an image's configuration has there"
	echo '[1]' > bad.json
	run_rl 125 commit --config bad.json a x
	run_rl 125 commit --config nosuch.json a x
	like "$output" "*nosuch.json*"
	run_rl rm a
	run_rl rmi merged
}
