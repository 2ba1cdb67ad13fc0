#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# run: exit codes, streams, names, users, environment.

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

@test "run: the exit code of the payload" {
	run_rl 0 run --rm --network=none $BB true
	run_rl 1 run --rm --network=none $BB false
	run_rl 42 run --rm --network=none $BB sh -c 'exit 42'
	run_rl 137 run --rm --network=none $BB sh -c 'sh -c "kill -9 \$\$"; exit $?'
}

@test "run: 127 not found, 126 not executable, 125 our own" {
	run_rl 127 run --rm --network=none $BB /no/such/program
	like "$output" "*/no/such/program*"
	run_rl 127 run --rm --network=none $BB no-such-in-path
	run_rl 126 run --rm --network=none $BB /etc/passwd
	run_rl 126 run --rm --network=none $BB /etc
	run_rl 125 run --rm --network=none localhost/no-such-image:1 true
	is_one_error || like "$output" "*no-such-image*"
}

@test "run: stdout and stderr stay apart, stdin arrives" {
	rl run --rm --network=none $BB sh -c 'echo out; echo err >&2' > o 2> e
	is "$(cat o)" out
	is "$(cat e)" err
	is "$(echo through | rl run -i --rm --network=none $BB cat)" through
	# Without -i the payload sees end of file.
	is "$(echo lost | rl run --rm --network=none $BB cat)" ""
}

@test "run: 20 MB through stdin and stdout arrive unchanged" {
	head -c 20000000 /dev/urandom > big
	rl run -i --rm --network=none $BB cat < big > back
	cmp big back
}

@test "run: a slow reader loses nothing" {
	n=$(rl run --rm --network=none $BB seq 200000 | (sleep 1; wc -l))
	is "$n" 200000
}

@test "run: closed stdin, stdout and stderr" {
	run_rl 3 run -i --rm --network=none $BB sh -c 'exit 3' <&-
	rl run --rm --network=none $BB true >&-
	rl run --rm --network=none $BB true 2>&-
}

@test "run --rm leaves nothing; without it the container stays" {
	run_rl run --rm --network=none --name gone $BB true
	run_rl 1 container exists gone
	run_rl run --network=none --name stays $BB sh -c 'exit 7' || [ "$status" -eq 7 ]
	run_rl container exists stays
	run_rl ps -a --format '{{.Names}} {{.Status}}'
	like "$output" "stays Exited (7)*"
	run_rl ps -q
	is "$output" ""
	run_rl rm stays
	is "$output" stays
}

@test "run -d prints the id; ps shows it; stop and rm" {
	run_rl run -d --network=none --name d $BB sleep 100
	like "$output" "[0-9a-f]*"
	is "${#output}" 64
	id=$output
	run_rl ps --no-trunc --format '{{.ID}} {{.Names}} {{.Image}} {{.Command}}'
	like "$output" "$id d $BB sleep 100"
	run_rl ps --format '{{.Status}}'
	like "$output" "Up *"
	run_rl stop -t 0 d
	is "$output" d
	run_rl inspect --format '{{.State.Status}} {{.State.Running}} {{.State.ExitCode}}' d
	is "$output" "exited false 137"
	run_rl rm d
	run_rl 1 container exists d
}

@test "names: taken, renamed, invalid" {
	run_rl create --network=none --name one $BB true
	run_rl 125 create --network=none --name one $BB true
	like "$output" "*one*in use*"
	run_rl rename one two
	run_rl container exists two
	run_rl 1 container exists one
	run_rl 125 create --network=none --name 'no/slash' $BB true
	run_rl 125 create --network=none --name '-dash' $BB true
	# An empty one is none: a name is made up.
	run_rl create --network=none --name '' $BB true
	like "$(rl inspect --format '{{.Name}}' "$output")" "*_*"
}

@test "ids: a prefix is enough" {
	run_rl create --network=none $BB true
	id=$output
	run_rl inspect --format '{{.Id}}' "${id:0:12}"
	is "$output" "$id"
	run_rl inspect --format '{{.Id}}' "${id:0:6}"
	is "$output" "$id"
	run_rl rm "${id:0:8}"
}

@test "user: name, uid, uid:gid, groups" {
	run_rl run --rm --network=none $BB id -u
	is "$output" 0
	run_rl run --rm --network=none --user user $BB sh -c 'id -u; id -g; echo $HOME'
	is "$output" $'1000\n1000\n/home/user'
	run_rl run --rm --network=none --user 33:44 $BB sh -c 'id -u; id -g'
	is "$output" $'33\n44'
	run_rl run --rm --network=none --user user:wheel $BB sh -c 'id -g'
	is "$output" 10
	run_rl run --rm --network=none --user user $BB id -G
	like " $output " "* 1000 *"
	like " $output " "* 2000 *"
	run_rl run --rm --network=none --user user --group-add 555 $BB id -G
	like " $output " "* 555 *"
	run_rl '?' run --rm --network=none --user nobody-here $BB true
	[ "$status" -ge 125 ]
	like "$output" "*nobody-here*"
}

@test "env: -e in every form, --env-file, HOME, PATH, HOSTNAME, TERM" {
	FROMHOST=yes run_rl run --rm --network=none -e A=1 -e B= -e FROMHOST -e NOTSET --env C='x y' $BB env
	like "$output" "*A=1*"
	like "$output" "*B=*"
	like "$output" "*C=x y*"
	like "$output" "*FROMHOST=yes*"
	unlike "$output" "*NOTSET*"
	like "$output" "*HOME=/root*"
	like "$output" "*PATH=/usr/local/sbin:*"
	like "$output" "*container=*"
	printf '# comment\nF1=one\nF2=two words\n\nF3=\n' > file
	run_rl run --rm --network=none --env-file file -e F1=over $BB env
	like "$output" "*F1=over*"
	like "$output" "*F2=two words*"
	unlike "$output" "*comment*"
}

@test "workdir, entrypoint, hostname, umask" {
	run_rl run --rm --network=none -w /tmp $BB pwd
	is "$output" /tmp
	run_rl run --rm --network=none --entrypoint echo $BB a b
	is "$output" "a b"
	run_rl run --rm --network=none --entrypoint '["echo","x"]' $BB y
	is "$output" "x y"
	run_rl run --rm --network=none --hostname box $BB hostname
	is "$output" box
	run_rl run --rm --network=none $BB sh -c umask
	is "$output" 0022
	run_rl run --rm --network=none --umask 077 $BB sh -c umask
	is "$output" 0077
}

@test "read-only root, tmpfs, shm size" {
	run_rl 1 run --rm --network=none --read-only $BB touch /x
	run_rl run --rm --network=none --read-only $BB touch /tmp/x
	run_rl run --rm --network=none --tmpfs /scratch:size=1m,mode=700 $BB sh -c 'stat -f -c %T /scratch; stat -c %a /scratch'
	is "$output" $'tmpfs\n700'
	run_rl run --rm --network=none --shm-size 3m $BB sh -c "df -k /dev/shm | tail -1 | awk '{print \$2}'"
	is "$output" 3072
}

@test "ulimits, sysctls, oom score" {
	run_rl run --rm --network=none --ulimit nofile=100:200 $BB sh -c 'ulimit -Sn; ulimit -Hn'
	is "$output" $'100\n200'
	run_rl run --rm --network=none --sysctl kernel.shm_rmid_forced=1 $BB cat /proc/sys/kernel/shm_rmid_forced
	is "$output" 1
	run_rl run --rm --network=none --oom-score-adj 500 $BB cat /proc/self/oom_score_adj
	is "$output" 500
}

@test "capabilities: the default eleven, add, drop, all" {
	run_rl run --rm --network=none $BB grep CapEff /proc/self/status
	is "$(echo "$output" | awk '{print $2}')" 00000000800405fb
	run_rl run --rm --network=none --cap-drop all $BB grep CapEff /proc/self/status
	is "$(echo "$output" | awk '{print $2}')" 0000000000000000
	run_rl run --rm --network=none --cap-drop ALL --cap-add net_admin $BB grep CapEff /proc/self/status
	is "$(echo "$output" | awk '{print $2}')" 0000000000001000
	run_rl run --rm --network=none --cap-drop CAP_CHOWN $BB grep CapBnd /proc/self/status
	is "$(echo "$output" | awk '{print $2}')" 00000000800405fa
	run_rl run --rm --network=none --user 1000 $BB grep CapEff /proc/self/status
	is "$(echo "$output" | awk '{print $2}')" 0000000000000000
	run_rl 125 run --rm --network=none --cap-add no_such $BB true
}

@test "security: seccomp and no_new_privs" {
	run_rl run --rm --network=none $BB grep -E '^(Seccomp|NoNewPrivs):' /proc/self/status
	like "$output" "*Seccomp:*2*"
	like "$output" "*NoNewPrivs:*0*"
	run_rl run --rm --network=none --security-opt no-new-privileges $BB grep NoNewPrivs /proc/self/status
	like "$output" "*1"
	run_rl run --rm --network=none --security-opt seccomp=unconfined $BB grep Seccomp: /proc/self/status
	like "$output" "*0"
	printf '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO","errnoRet":13}]}' > p.json
	run_rl 1 run --rm --network=none --security-opt seccomp=p.json $BB mkdir /x
	like "$output" "*ermission denied*"
}

@test "the pid is 1, --init makes it 2 and reaps" {
	run_rl run --rm --network=none $BB sh -c 'echo $$'
	is "$output" 1
	need catatonit
	run_rl run --rm --init --network=none $BB sh -c 'echo $$'
	[ "$output" -gt 1 ]
}

@test "options may stand as docker and podman accept them" {
	run_rl run --rm --network none -e=A=B --env C=D $BB sh -c 'echo $A$C'
	is "$output" BD
	run_rl run --rm --network=none -- $BB echo --rm
	is "$output" "--rm"
	run_rl run --rm=true --network=none -w=/tmp $BB pwd
	is "$output" /tmp
	run_rl container run --rm --network=none $BB echo long
	is "$output" long
}

@test "cidfile and pidfile" {
	run_rl run -d --network=none --cidfile cid --pidfile $PWD/pid $BB sleep 100
	is "$(cat cid)" "$output"
	kill -0 "$(cat pid)"
	run_rl 125 run --rm --network=none --cidfile cid $BB true
	like "$output" "*cid*"
}

@test "a tty: run -t has one, of the right size, with CR LF" {
	run rl_tty -s 33x77 -- run -it --rm --network=none $BB sh -c 'stty size; tty; exit 4'
	echo "$output"
	is "$status" 4
	like "$output" "*33 77*"
	like "$output" "*/dev/pts/0*"
	run_rl 1 run --rm --network=none $BB tty
}

@test "signals reach the payload" {
	"$ROOTLET" --root "$ROOT" run --rm --network=none --name sig $BB sh -c 'trap "echo got; exit 9" TERM; echo ready; while :; do sleep 0.1; done' > out 2>&1 3>&- &
	pid=$!
	wait_for 10 grep -q ready out
	kill -TERM $pid
	code=0
	wait $pid || code=$?
	is $code 9
	like "$(cat out)" "*got*"
}

@test "--timeout, --stop-signal, --stop-timeout" {
	run_rl '?' run --rm --network=none --timeout 1 $BB sleep 100
	[ "$status" -ne 0 ]
	run_rl run -d --network=none --name s --stop-signal USR1 $BB sh -c 'trap "exit 5" USR1; while :; do sleep 0.1; done'
	sleep 0.3
	run_rl stop s
	run_rl inspect --format '{{.State.ExitCode}}' s
	is "$output" 5
	run_rl run -d --network=none --name t --stop-timeout 1 $BB sh -c 'trap "" TERM; while :; do sleep 0.1; done'
	sleep 0.3
	run_rl stop t
	run_rl inspect --format '{{.State.ExitCode}}' t
	is "$output" 137
}

@test "labels and annotations" {
	run_rl create --network=none --label a=1 -l b --annotation x=y --name lab $BB true
	run_rl inspect --format '{{index .Config.Labels "a"}} {{index .Config.Annotations "x"}}' lab
	like "$output" "1 *"
	run_rl ps -aq --filter label=a=1
	[ -n "$output" ]
	run_rl ps -aq --filter label=nope
	is "$output" ""
}
