# SPDX-License-Identifier: Apache-2.0
# What scripts written for podman look for: its phrases, exit codes and names of inspect's members.

load lib/common

setup_file() {
	common_setup_file
	mkdir -p "$BATS_FILE_TMPDIR/bin"
	ln -s "$ROOTLET" "$BATS_FILE_TMPDIR/bin/podman"
	ln -s "$ROOTLET" "$BATS_FILE_TMPDIR/bin/docker"
}
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

# as NAME ARGS: the engine under that name.
as() {
	local name=$1
	shift
	if is_peer; then "$ROOTLET" "$@"; else "$BATS_FILE_TMPDIR/bin/$name" --root "$ROOT" "$@"; fi
}

# says CODE PHRASE ARGS: podman ends with CODE and tells PHRASE.
says() {
	local code=$1 phrase=$2
	shift 2
	echo "podman $*"
	run "-$code" as podman "$@"
	like "$output" "*$phrase*"
}

@test "wrong options are told in podman's words" {
	says 125 'requires at least 1 arg(s), only received 0' run
	says 125 'accepts 2 arg(s), received 1' rename a
	says 125 'names must match [[]a-zA-Z0-9][[]a-zA-Z0-9_.-]*: invalid argument' run --name a/b $BB true
	says 125 'invalid stream "x" for --attach - must be one of stdin, stdout, or stderr' run -a x $BB true
	says 125 'invalid signal: nosuch' run --stop-signal nosuch $BB true
	says 125 'the --rm option conflicts with --restart' run --rm --restart always $BB true
	says 125 'capability "CAP_CHOWN" cannot be dropped and added' run --cap-add chown --cap-drop chown $BB true
	says 125 'adding all caps and removing all caps not allowed' run --cap-add all --cap-drop all $BB true
	says 125 'invalid label format: ""' run --label '' $BB true
	says 125 'annotations must be formatted KEY=VALUE' run --annotation x $BB true
	says 125 'invalid range format for --expose: bogus' run --expose bogus $BB true
	says 125 'stat /nosuch: no such file or directory' run --authfile /nosuch $BB true
	says 125 'conflicting options: dns and the network mode: none' run --network none --dns 1.1.1.1 $BB true
	says 125 '--no-hosts and --add-host cannot be set together' run --no-hosts --add-host a:1.1.1.1 $BB true
	says 125 'cannot set hostname when running in the host UTS namespace' run --uts host --hostname x $BB true
	says 125 'invalid container path "x", must be an absolute path' run --tmpfs x $BB true
	says 125 'statfs /nosuch: no such file or directory' run -v /nosuch:/x $BB true
}

@test "an image of another machine is not run for --platform and --arch" {
	says 125 'image not known' run --pull never --platform linux/s390x $BB true
	says 125 'image not known' run --pull never --arch s390x $BB true
	run -0 as podman run --rm --pull never --platform "linux/$(fixture_arch)" $BB true
}

@test "what fails at the start of run is 126 for podman and 125 for docker" {
	says 126 'unable to find user nosuch: no matching entries in passwd file' run --rm -u nosuch $BB true
	says 126 'workdir "/nosuch" does not exist on container' run --rm -w /nosuch $BB true
	is_peer && return
	run -125 as docker run --rm -u nosuch $BB true
	# Docker makes the directory.
	run -0 as docker run --rm -w /nosuch $BB pwd
	is "$output" /nosuch
}

@test "states that forbid something are told in podman's words" {
	local id
	id=$(rl create --name w $BB sleep 100)
	says 125 "can only kill running containers. $id is in state created: container state improper" kill w
	says 255 'can only create exec sessions on running containers: container state improper' exec w true
	says 125 'you can only attach to running containers' attach w
	says 125 "\"created\" is not running, can't pause: container state improper" pause w
	says 125 "\"$id\" is not paused, can't unpause: container state improper" unpause w
	says 125 "the container name \"w\" is already in use by $id. You have to remove that container" create --name w $BB
	run -0 as podman start w
	says 2 "cannot remove container $id as it is running - running or paused containers cannot be" rm w
	run -0 as podman ps --format '{{.State}}|{{.Status}}'
	like "$output" 'Up *|Up *'
	is_peer || { run -0 as docker ps --format '{{.State}}'; is "$output" running; }
	run -0 rl rm -ft0 w
}

@test "warnings begin as those of the program that is asked for" {
	is_peer && skip "of rootlet"
	run -0 --separate-stderr as podman run --rm --log-level warn --network host -p 1234:1234 $BB true || true
	unlike "$stderr" "*rootlet: warning*"
}

@test "inspect has podman's values" {
	run -0 as podman create --name i --rm --init --cap-add net_admin -u 5:5 --umask 77 --tz UTC \
		--stop-signal 9 -v /tmp:/t:ro --memory 10m --shm-size 0 $BB echo x
	run -0 rl inspect i --format '{{.Config.StopSignal}} {{.Config.Umask}} {{.Config.Timezone}} {{.EffectiveCaps}} {{.HostConfig.CapAdd}} {{.HostConfig.MemorySwap}} {{.HostConfig.ShmSize}} {{.Path}}'
	is "$output" 'SIGKILL 0077 UTC [CAP_NET_ADMIN] [CAP_NET_ADMIN] 20971520 0 /run/podman-init'
	run -0 rl inspect i --format '{{index .HostConfig.Binds 0}} {{(index .Mounts 0).Options}} {{index .Config.Annotations "io.podman.annotations.init"}} {{index .Config.Annotations "org.opencontainers.image.stopSignal"}}'
	is "$output" '/tmp:/t:ro,rprivate,rbind [rbind] TRUE 9'
	run -0 rl inspect i --format '{{join .Config.CreateCommand " "}}'
	like "$output" '*podman*create --name i --rm*'"$BB"' echo x'
	run -0 rl inspect i --format '{{join .BoundingCaps " "}}'
	is "$(tr ' ' '\n' <<< "$output" | sort -c && echo sorted)" sorted
	rl rm i
}

@test "a user without a name, a new tmpfs, a shm without limit" {
	run -0 rl run --rm -u 1234:77 --tmpfs /new --shm-size 0 $BB sh -c \
		'tail -1 /etc/passwd; tail -1 /etc/group; stat -c %a /new; df -k /dev/shm | tail -1; grep CapInh /proc/self/status'
	is "${lines[0]}" '1234:*:1234:77:container user:/:/bin/sh'
	is "${lines[1]}" '77:x:77:1234'
	is "${lines[2]}" 1777
	like "${lines[3]}" 'shm * 0 * /dev/shm'
	run -0 rl run --rm --cap-drop all --cap-add setuid $BB grep -E 'CapInh|CapEff' /proc/self/status
	like "$output" 'CapInh:*0000000000000000*CapEff:*0000000000000080'
}

@test "--hosts-file image starts from the image's own" {
	run -0 rl run --name h $BB sh -c 'echo 9.9.9.9 of-image > /etc/hosts.new; cat /etc/hosts.new > /image-hosts'
	run -0 rl rm h
	run -0 rl run --rm --hosts-file image --add-host a:1.2.3.4 --network none --hostname me $BB cat /etc/hosts
	like "$output" '1.2.3.4*a*127.0.0.1*me*'
	unlike "$output" "*$(uname -n)*"
	mkdir -p "$BATS_TEST_TMPDIR/r/etc" "$BATS_TEST_TMPDIR/r/bin"
	cp "$(command -v busybox)" "$BATS_TEST_TMPDIR/r/bin/busybox"
	echo 9.9.9.9 of-image > "$BATS_TEST_TMPDIR/r/etc/hosts"
	run -0 rl run --rm --hosts-file image --network none --rootfs "$BATS_TEST_TMPDIR/r:O" /bin/busybox cat /etc/hosts
	like "$output" '9.9.9.9*of-image*'
}

@test "a container that others need does not go with --rm" {
	run -0 rl run -d --rm --name base $BB sleep 100
	run -0 rl create --name user --network container:base $BB true
	run -0 rl kill base
	run -0 rl wait base
	run -0 rl ps -a --format '{{.Names}}' --sort names
	is "$output" $'base\nuser'
	run -0 rl rm user base
}

@test "what a killed run --rm has made goes with the next command" {
	local id f
	id=$(rl create --rm --name lost $BB true)
	f=$ROOT/containers/$id/config.json
	# As the record of a "run" looks whose process is gone for long.
	rl unshare sh -c "sed -e 's/\"created\": *[0-9]*/\"created\":1000/' -e 's/\"id\"/\"run-pid\":4194304,\"id\"/' '$f' > '$f.n' && mv '$f.n' '$f'"
	run -0 rl ps -aq
	is "$output" ''
}
