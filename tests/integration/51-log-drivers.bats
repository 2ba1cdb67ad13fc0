#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Log drivers and their options; logs of several containers.

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

log_of() {
	rl inspect --format '{{.HostConfig.LogConfig.Path}}' "$1"
}

@test "json-file: attributes of tag, labels, env and label; --details" {
	run_rl run --network=none --name j --log-driver json-file --log-opt tag='{{.Name}}-{{.FullID}}' \
		--log-opt labels=l1,no --log-opt env-regex='^E' --log-opt label=X=y -l l1=v1 -l l2=v2 \
		-e E1=1 -e F=2 $BB sh -c 'echo one; echo two >&2'
	id=$(rl inspect -f '{{.Id}}' j)
	line=$(head -1 "$(log_of j)")
	like "$line" '{"attrs":{"l1":"v1","E1":"1","X":"y","tag":"j-'"$id"'"},"log":"one\\n","stream":"stdout","time":"*"}'
	is "$(rl logs j 2> /dev/null)" one
	is "$(rl logs --details j 2> /dev/null)" "E1=1,X=y,l1=v1 one"
	is "$(rl logs --tail 1 j 2>&1)" two
}

@test "log options: what cannot be is told at create" {
	for o in max-size=lots max-file=0 path=relative colour=red mode=non-blocking compress=true label=x; do
		run_rl 125 create --network=none --log-opt "$o" $BB true
		is_one_error
		like "$output" "*${o%%=*}*"
	done
	run_rl 125 create --network=none --log-driver none --log-opt max-size=1m $BB true
	is_one_error
	run_rl 125 create --network=none --log-opt 'tag={{.Name' $BB true
	is_one_error
	run_rl 125 create --network=none --log-driver syslog $BB true
	is_one_error
	is "$(rl ps -aq)" ""
}

@test "containers.conf: log_driver, log_size_max, log_tag; the command line is stronger" {
	printf '[containers]\nlog_driver = "json-file"\nlog_size_max = 20000\nlog_tag = "t"\n' > c.conf
	export CONTAINERS_CONF=$PWD/c.conf
	run_rl run --network=none --name c $BB seq 5000
	is "$(rl inspect -f '{{.HostConfig.LogConfig.Type}} {{.HostConfig.LogConfig.Size}} {{.HostConfig.LogConfig.Tag}}' c)" \
		"json-file 20kB t"
	[ "$(stat -c %s "$(log_of c)")" -le 20000 ]
	run_rl run --network=none --name d --log-driver k8s-file --log-opt max-size=1m --log-opt tag=u $BB seq 5000
	is "$(rl inspect -f '{{.HostConfig.LogConfig.Type}} {{.HostConfig.LogConfig.Size}} {{.HostConfig.LogConfig.Tag}}' d)" \
		"k8s-file 1.049MB u"
	is "$(rl logs d | wc -l)" 5000
}

@test "rotation: max-file files stay, logs -f loses nothing over it" {
	run_rl run -d --network=none --name r --log-opt max-size=200k --log-opt max-file=4 $BB \
		sh -c 'until [ -e /go ]; do sleep 0.02; done; seq 1 12000'
	rl logs -f r > out &
	reader=$!
	sleep 0.2
	rl exec r touch /go
	wait $reader
	seq 1 12000 | cmp - out
	dir=$(dirname "$(log_of r)")
	[ "$(ls "$dir" | grep -c '^ctr.log')" -le 4 ]
	is "$(rl logs --tail 3 r)" $'11998\n11999\n12000'
}

@test "a log does not grow without bound when nothing is said" {
	rl run --network=none --name big $BB sh -c 'yes "$(printf %01000d 0)" | head -n 45000' > /dev/null
	dir=$(dirname "$(log_of big)")
	[ "$(cat "$dir"/ctr.log* | wc -c)" -le $((32 << 20)) ]
}

@test "a full disk costs lines, not the container" {
	mkdir -m 700 small
	unshare -rm true 2> /dev/null || missing "no user namespaces"
	run unshare -rm sh -c '
		mount -t tmpfs -o size=64k x "$1/small" &&
		"$2" --root "$1/store" run --network=none --name f --log-opt path="$1/small/log" host:/ \
			sh -c "seq 1 20000; echo the end" > "$1/out" 2> "$1/err" &&
		"$2" --root "$1/store" logs f | head -3; "$2" --root "$1/store" rm -f f > /dev/null
		"$2" --root "$1/store" system reset -f > /dev/null 2>&1' sh "$PWD" "$ROOTLET"
	is "$(tail -1 out)" "the end" "$output $(cat err)"
	is "$(wc -l < out)" 20001
	like "$output" $'1\n2\n3*'
	chmod -R u+w store 2> /dev/null || true
}

@test "passthrough: our own stdio, not on a terminal; passthrough-tty there too" {
	is "$(echo in | rl run --rm -i --network=none --log-driver passthrough $BB sh -c 'readlink /proc/self/fd/1 > /dev/null; cat')" in
	run rl_tty wait: -- run --rm --network=none --log-driver passthrough $BB echo no
	like "$output" "*passthrough-tty*"
	run rl_tty -- run --rm --network=none --log-driver passthrough-tty $BB sh -c 'test -t 1 && echo a-terminal'
	like "$output" "*a-terminal*"
	run_rl 125 run --rm -t --network=none --log-driver passthrough-tty $BB true
	is_one_error
	run_rl run --network=none --name p --log-driver none $BB echo x
	run_rl 125 logs p
	is_one_error
}

@test "journald: without a journal that is an error that says so" {
	[ ! -S /run/systemd/journal/socket ] || missing "this machine has a journal: tests/vm looks at it"
	run_rl 126 run --network=none --name jd --log-driver journald $BB true
	is_one_error
	like "$output" "*journal*k8s-file*"
	rl rm -f jd
}

@test "logs of several: names, colours, one after the other" {
	run_rl run --network=none --name one $BB sh -c 'echo 1; echo e1 >&2'
	run_rl run --network=none --name two $BB echo 2
	run_rl logs -n one two
	is "$output" $'one 1\none e1\ntwo 2'
	run_rl logs --color two one
	like "${lines[0]}" $'\e[[]37m???????????? 2\e[[]0m'
	like "${lines[1]}" $'\e[[]36m???????????? 1\e[[]0m'
	run_rl logs -l
	is "$output" 2
}

@test "logs -f of several: until the last has ended" {
	for i in 1 2 3; do
		run_rl run -d --network=none --name m$i $BB sh -c "for j in 1 2 3 4; do echo $i-\$j; sleep 0.1; done; sleep 0.$i; echo $i-end"
	done
	run timeout 20 "$ROOTLET" --root "$ROOT" logs -f -n m1 m2 m3
	is "$status" 0
	is "${#lines[@]}" 15
	for i in 1 2 3; do
		is "$(grep "^m$i " <<< "$output")" "$(printf "m$i $i-%s\n" 1 2 3 4 end)"
	done
	run_rl 125 logs -f m1 no-such
	like "$output" "*no-such*"
}

@test "logs -f of several: lines are whole, and who stops reading ends it" {
	for i in 1 2; do
		run_rl run -d --network=none --name w$i $BB sh -c "while :; do printf '%s' $i$i$i; printf '%s\n' $i$i; sleep 0.02; done"
	done
	timeout 20 "$ROOTLET" --root "$ROOT" logs -f w1 w2 | head -n 40 > out || true
	is "$(cut -d' ' -f2 out | sort -u)" $'11111\n22222'
	rl rm -f -t 0 w1 w2
}

@test "docker logs: -n is the number of lines" {
	is_peer && skip "rootlet's own"
	run_rl run --network=none --name n $BB seq 5
	ln -sf "$ROOTLET" docker
	is "$(./docker --root "$ROOT" logs -n 2 n)" $'4\n5'
	is "$(rl logs -n --tail 1 n)" 5
}

@test "--since and --until: every form podman and docker take" {
	run_rl run --network=none --name s $BB echo here
	# A duration is before now for --since, after now for --until; both are before now for docker.
	for t in 5m 1h30m; do
		is "$(rl logs --since "$t" s) $(rl logs --until "$t" s)" "here here" "$t"
		is "$(exec -a docker "$ROOTLET" --root "$ROOT" logs --until "$t" s)" "" "docker --until $t"
	done
	for t in 0 1700000000 1700000000.5 2020-01-01 2020-01-01T00:00:00 2020-01-01T00:00:00Z \
		2020-01-01T00:00:00.123456789Z 2020-01-01T00:00:00+02:00 2020-01-01Z; do
		is "$(rl logs --since "$t" s)" here "--since $t"
		is "$(rl logs --until "$t" s)" "" "--until $t"
	done
	is "$(rl logs --until 2099-01-01 s)" here
	is "$(rl logs --tail all s)" here
	is "$(rl logs --tail -3 s)" here
	run_rl 125 logs --tail some s
	is_one_error
	run_rl 125 logs --since yesterday-ish s
	is_one_error
}
