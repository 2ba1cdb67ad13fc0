#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# ps: filters, order, columns, templates and JSON.

load lib/common
setup_file() {
	common_setup_file
	cd "$BATS_FILE_TMPDIR" || return
	rl run -d --network=none --name run1 --cidfile cid -l kind=first -l both $BB sleep 1000
	rl run --network=none --name done3 -v vol:/data -l kind=second -l both \
		$BB sh -c 'exit 3' || true
	rl create --network=none --name new -v /tmp:/host --tmpfs /t --restart always --entrypoint '["/bin/echo"]' $BB words
	rl create --name onnet -p 127.0.0.1:45678:80/udp --health-cmd true --restart on-failure:2 $BB true
}
teardown_file() { rl rm -af -t 0; rl volume rm vol; common_teardown_file; }
setup() { :; }

names() {
	rl ps -a --format '{{.Names}}' "$@" | tr '\n' ' ' | sed 's/ $//'
}

@test "ps --filter: every key" {
	id=$(rl inspect -f '{{.Id}}' done3)
	is "$(names -f id=${id:0:12})" done3
	is "$(names -f name='^run')" run1
	is "$(names -f name=run1 -f name=new)" "run1 new"
	is "$(names -f label=kind)" "run1 done3"
	is "$(names -f label=kind=first -f label=both)" run1
	is "$(names -f label!=both)" "new onnet"
	is "$(names -f label!=kind=first)" "done3 new onnet"
	is "$(names -f status=exited)" done3
	is "$(names -f status=created -f status=running)" "run1 new onnet"
	is "$(names -f ancestor=$BB)" "run1 done3 new onnet"
	is "$(names -f ancestor=bb)" "run1 done3 new onnet"
	is "$(names -f ancestor=no-such)" ""
	is "$(names -f before=new)" "run1 done3"
	is "$(names -f since=done3)" "new onnet"
	is "$(names -f until=0s)" "run1 done3 new onnet"
	is "$(names -f until=1h)" ""
	is "$(names -f volume=vol)" done3
	is "$(names -f volume=/host)" new
	is "$(names -f network=none)" "run1 done3 new"
	is "$(names -f exited=3)" done3
	is "$(names -f exited=0)" ""
	is "$(names -f health=none)" "run1 done3 new onnet"
	is "$(names -f health=healthy)" ""
	is "$(names -f restart-policy=on-failure)" onnet
	is "$(names -f restart-policy=no)" "run1 done3"
	is "$(names -f should-start-on-boot=true)" new
	is "$(names -f should-start-on-boot=false)" "run1 done3 onnet"
	is "$(names -f command=echo)" new
	is "$(names -f command='^s')" "run1 done3"
	is "$(names -f pod=x)" ""
	is "$(rl ps -q -f name=done3)" ""
	for f in nonsense=1 name='(' status=asleep until=x exited=x health=ill restart-policy=maybe \
		should-start-on-boot=perhaps before=no-such bare; do
		run_rl 125 ps -a --filter "$f"
		is_one_error
	done
}

@test "ps --sort: every key" {
	is "$(names)" "run1 done3 new onnet"
	is "$(names --sort created)" "run1 done3 new onnet"
	is "$(names --sort names)" "done3 new onnet run1"
	is "$(names --sort command)" "new done3 run1 onnet"
	is "$(names --sort status)" "new onnet done3 run1"
	is "$(names --sort runningfor)" "new onnet run1 done3"
	is "$(names --sort image)" "run1 done3 new onnet"
	is "$(names --sort id)" "$(rl ps -a --format '{{.ID}} {{.Names}}' | LC_ALL=C sort | cut -d' ' -f2 | tr '\n' ' ' | sed 's/ $//')"
	rl exec run1 dd if=/dev/zero of=/big bs=100k count=1
	is "$(names --sort size | awk '{ print $NF }')" run1
	run_rl 125 ps --sort nonsense
	is_one_error
	is "$(names -n 2)" "new onnet"
	is "$(names -l)" onnet
}

@test "ps --namespace, --pod, --size: columns" {
	run_rl ps --ns
	is "$(awk 'NR == 1' <<< "$output" | tr -s ' ')" "CONTAINER ID NAMES PID CGROUPNS IPC MNT NET PIDNS USERNS UTS"
	pid=$(rl inspect -f '{{.State.Pid}}' run1)
	is "$(awk 'NR == 2 { print $3, $7 }' <<< "$output")" "$pid $(stat -L -c %i /proc/$pid/ns/net)"
	is "$(rl ps --ns --format json | jq -r '.[0].Namespaces | keys | join(" ")')" "Cgroup Ipc Mnt Net Pidns User Uts"
	run_rl ps -a --pod
	like "${lines[0]}" "*NAMES*POD ID*PODNAME*"
	run_rl ps -as
	like "${lines[0]}" "*NAMES*SIZE*"
	like "$output" "*B (virtual *B)*"
	is "$(rl ps -as --format json | jq '[.[].Size | .rootFsSize > .rwSize] | all')" true
	run_rl 125 ps -q -s
	run_rl 125 ps -l -n 2
	is_one_error
	run_rl ps --external --sync -a -q
	is "${#lines[@]}" 4
}

@test "ps --watch: again and again" {
	timeout 1.5 "$ROOTLET" --root "$ROOT" ps -q -w 1 > out || true
	is "$(wc -l < out)" 2
	run_rl 125 ps --watch soon
	is_one_error
}

@test "ps: every placeholder, its heading, and Docker's way" {
	for f in AutoRemove CIDFile Command Created CreatedAt CreatedHuman ExitCode Exited ExitedAt ExposedPorts ID \
		Image ImageID IsInfra Labels Mounts Names Networks Pid Pod PodName Ports Restarts RunningFor Size \
		StartedAt State Status; do
		run_rl ps -a --format "{{.$f}}"
	done
	is "$(rl ps -a --format 'table {{.CIDFile}}\t{{.ImageID}}\t{{.AutoRemove}}' | head -1 | tr -s ' ')" \
		"CID FILE IMAGE ID AUTO REMOVE"
	is "$(rl ps -a -f name=run1 --format '{{.Labels}} {{.Label "kind"}} {{index .Labels "kind"}} {{.Labels.kind}}')" \
		"map[both: kind:first] first first first"
	is "$(rl ps -a -f name=new --format '{{join .Mounts ","}}')" "/t,/host"
	is "$(rl ps -a -f name=onnet --format '{{.Ports}}')" "127.0.0.1:45678->80/udp"
	is "$(rl ps -aq --no-trunc | awk '{ print length($0) }' | sort -u)" 64
	run_rl ps --noheading
	is "${#lines[@]}" 1
	ln -sf "$ROOTLET" docker
	is "$(./docker --root "$ROOT" ps -a --format '{{.Names}}' | tr '\n' ' ')" "onnet new done3 run1 "
	is "$(./docker --root "$ROOT" ps -a -f name=run1 --format '{{.Labels}} {{.Label "kind"}} {{.Command}}')" \
		'kind=first,both= first "sleep 1000"'
	./docker --root "$ROOT" ps -a --format json > j
	is "$(jq -r .Names j | tr '\n' ' ')" "onnet new done3 run1 "
	is "$(jq -s -r '.[0].State' j)" created
}

@test "ps --format json: Podman's members and types" {
	rl ps -a --format json > j
	jq -e '.[] | (.Id | length == 64) and (.Names | type == "array") and (.Created | type == "number")
		and (.Exited | type == "boolean") and (.Pid | type == "number") and (.Mounts | type == "array")
		and (.Command | type == "array") and (.ExitedAt | type == "number")' j > /dev/null
	is "$(jq -c '.[0] | [.Labels, .Ports, .Size, .ExitedAt, .State]' j)" \
		'[{"kind":"first","both":""},null,null,-62135596800,"running"]'
	is "$(jq -c '.[2] | [.Labels, .Mounts, .Names, .StartedAt, .Status]' j)" \
		'[null,["/t","/host"],["new"],-62135596800,"Created"]'
	is "$(jq -c '.[3].Ports' j)" '[{"host_ip":"127.0.0.1","container_port":80,"host_port":45678,"range":1,"protocol":"udp"}]'
	is "$(jq -r '[.[] | has("CreatedNano")] | any' j)" false
}

@test "top: every descriptor, alone and together" {
	all=$(rl top --list-descriptors)
	for d in args capamb capbnd capeff capinh capprm comm etime group groups hgroup hgroups hpid huser label nice \
		pcpu pgid pid ppid rgroup rss ruser seccomp state stime time tty user vsz; do
		like " ${all//$'\n'/ } " "* $d *"
		run_rl top run1 $d
		is "${#lines[@]}" 2 "$d"
	done
	is "$(rl top run1 pid,comm | tail -1 | tr -s ' ')" "1 sleep"
	is "$(rl top run1 pid comm hpid | awk 'NR == 2 { print $3 }')" "$(rl inspect -f '{{.State.Pid}}' run1)"
	is "$(rl top run1 -eo pid,comm)" "$(rl top run1 pid comm)"
	# What is nested in its pid namespace is the container's, too, and has its pids.
	if printf '6.11\n%s\n' "$(uname -r)" | sort -CV; then
		run_rl run -d --network=none --name nest --cap-add SYS_ADMIN --security-opt seccomp=unconfined \
			$BB sh -c 'unshare -p -f sleep 1000; true'
		wait_for 10 sh -c "$ROOTLET --root $ROOT top nest args | grep -q '^sleep 1000'"
		is "$(rl top nest pid ppid args | tail -1 | tr -s ' ')" "3 2 sleep 1000"
		rl rm -f -t 0 nest
	fi
}

@test "top: ps's own options are for ps, in the container's pid namespace" {
	run_rl top run1 -ef
	like "${lines[0]}" "UID*PID*PPID*"
	like "${lines[1]}" "root * 1 *sleep 1000"
	run_rl top run1 aux
	like "${lines[0]}" "USER*%CPU*"
	is "$(rl top run1 -o pid= -C sleep | tr -d ' ')" 1
	run_rl 1 top run1 nonsense
	ln -sf "$ROOTLET" docker
	like "$(./docker --root "$ROOT" top run1 | head -1)" "UID*PID*PPID*CMD"
	run_rl 125 top done3 -ef
	is_one_error
}
