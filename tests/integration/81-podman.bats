#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Under the names of podman and docker: what scripts look for in errors, exit codes and versions.

load lib/common

setup_file() {
	common_setup_file
	persona_setup_file podman docker
}
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

# fails STATUS "TEXT" COMMAND...: with TEXT as the first line of stderr, and nothing on stdout.
fails() {
	local status=$1 text=$2
	shift 2
	echo "+ $*"
	run "-$status" --separate-stderr "$@"
	like "${stderr_lines[0]}" "$text"
	is "$output" "" "nothing on stdout"
}

@test "podman: errors begin as podman's and have its phrases" {
	local c
	for c in stop kill start restart pause wait top port rename\ x export logs "exec x true"; do
		set -- $c
		c=$1
		shift
		[ "$c" = exec ] && set -- true
		fails 125 'Error: no container with name or ID "nosuch" found: no such container' \
			podman "$c" nosuch "$@"
	done
	fails 1 'Error: no container with name or ID "nosuch" found: no such container' podman rm nosuch
	fails 125 'Error: no such object: "nosuch"' podman inspect --format '{{.Id}}' nosuch
	fails 1 'Error: nosuch: image not known' podman rmi nosuch
	fails 125 'Error: nosuch: image not known' podman tag nosuch x
	fails 125 'Error: nosuch: image not known' podman untag nosuch
	fails 125 'Error: nosuch: image not known' podman history nosuch
	fails 1 'Error: no volume with name "nosuch" found: no such volume' podman volume rm nosuch
	fails 125 'Error: no secret with name or id "nosuch": no such secret' podman secret rm nosuch
	fails 125 'Error: unknown flag: --bogus' podman run --bogus $BB
	is "${stderr_lines[1]}" "See 'podman run --help'"
	fails 125 "Error: unknown shorthand flag: 'y' in -y" podman ps -y
	fails 125 'Error: unrecognized command `podman bogus`' podman bogus
	fails 125 'Error: unrecognized command `podman container bogus`' podman container bogus
	fails 127 'Error: *executable file `nosuch` not found in $PATH*' podman run --rm --network none $BB nosuch
	fails 126 'Error: *ermission denied*' podman run --rm --network none $BB /etc/passwd
}

@test "podman: errors about containers that are there" {
	run -0 podman run -d --network none --name web $BB sleep 1000
	fails 125 'Error: the container name "web" is already in use by *' podman create --name web $BB
	fails 2 'Error: cannot remove container * as it is running*cannot be removed without force*container state improper' \
		podman rm web
	fails 2 'Error: image *: image is in use by a container*' podman rmi $BB
	run -0 podman stop -t 0 web
	fails 255 'Error: can only create exec sessions on running containers: container state improper*' \
		podman exec web true
	# One name that is wrong among others: all is said, each in a line of its own.
	run -125 --separate-stderr podman start nosuch1 nosuch2
	is "${#stderr_lines[@]}" 2
	like "${stderr_lines[0]}" 'Error: *"nosuch1"*'
	like "${stderr_lines[1]}" 'Error: *"nosuch2"*'
}

@test "podman: an ambiguous id lists what it may be" {
	local id prefix='' n=0
	# Two ids of 17 begin with the same digit.
	for n in $(seq 17); do
		id=$(podman create --network none $BB true)
		echo "${id:0:1}" >> firsts
	done
	prefix=$(sort firsts | uniq -d | head -1)
	fails 125 "Error: more than one container matches id $prefix: $prefix*" podman start "$prefix"
}

@test "podman: versions that scripts can compare" {
	run -0 podman --version
	like "$output" "podman version [0-9]*.[0-9]*.[0-9]*"
	run -0 podman version --format '{{.Client.Version}}'
	like "$output" "[4-9].*"
	run -0 docker --version
	like "$output" "Docker version [0-9]*.[0-9]*.[0-9]*, build *"
	run -0 docker version --format '{{.Server.Version}}'
	like "$output" "2[0-9].*"
	run -0 rl --version
	like "$output" "rootlet version *"
}

@test "docker: errors and exit codes are docker's" {
	local c
	for c in stop kill start restart pause wait top port logs rm; do
		fails 1 'Error response from daemon: No such container: nosuch' docker $c nosuch
	done
	fails 1 'Error response from daemon: No such container: nosuch' docker exec nosuch true
	fails 1 'Error: No such object: nosuch' docker inspect --format '{{.Id}}' nosuch
	fails 1 'Error response from daemon: No such image: nosuch*' docker rmi nosuch
	fails 1 'Error response from daemon: get nosuch: no such volume' docker volume rm nosuch
	fails 125 'unknown flag: --bogus' docker run --bogus $BB
	fails 1 'docker: unknown command: docker bogus' docker bogus
	run -0 docker run -d --network none --name web $BB sleep 1000
	fails 125 'docker: Error response from daemon: Conflict. The container name "/web" is already in use by *' \
		docker run --name web $BB true
	fails 1 'Error response from daemon: *running*' docker rm web
	fails 127 '*executable file not found in $PATH*' docker exec web nosuch
	fails 126 '*permission denied*' docker exec web /etc/passwd
	run -4 docker exec web sh -c 'exit 4'
	run -0 docker exec -d web true
	is "$output" ""
}

@test "exec: variables from files, the command line and the host" {
	printf 'X=file\n# comment\n\n  LEAD=1\nFROM_HOST\nNOT_THERE\nQ="q"\r\n' > vars
	run_rl run -d --network none --name e $BB sleep 1000
	FROM_HOST=h run_rl exec --env-file vars -e X=line e env
	like "$output" *"X=line"*
	unlike "$output" *"X=file"*
	like "$output" *"LEAD=1"*
	like "$output" *"FROM_HOST=h"*
	like "$output" *'Q="q"'*
	unlike "$output" *"NOT_THERE"*
	MANY_1=a MANY_2=b run_rl exec -e 'MANY_*' e sh -c 'echo $MANY_1$MANY_2'
	is "$output" ab
	echo =x > vars
	run_rl 125 exec --env-file vars e true
	run_rl 125 exec --env-file nosuch e true
	is_one_error
}

@test "exec: users, descriptors, detach keys" {
	run_rl run -d --network none --name e $BB sleep 1000
	run_rl exec -u :1 e id
	like "$output" "uid=0(root) gid=1(daemon)*"
	run_rl exec -u '' e id -u
	is "$output" 0
	run_rl 125 exec -u nosuch e id
	like "$output" "*unable to find user nosuch: no matching entries in passwd file"
	run_rl 125 exec --preserve-fds 60 e true
	like "$output" "*descriptor * is not open"
	for c in "exec --detach-keys bogus-x e true" "attach --detach-keys bogus-x e" \
		"run --rm --detach-keys bogus-x $BB true"; do
		run_rl 125 $c
		like "$output" "*--detach-keys 'bogus-x'*"
	done
	run_rl 127 exec -w /nosuch e pwd
}

@test "exec: sessions that run are in inspect" {
	local one two
	run_rl run -d --network none --name e $BB sleep 1000
	run_rl exec e true
	run_rl inspect -f '{{len .ExecIDs}}' e
	is "$output" 0
	run_rl exec -d e sleep 1000
	one=$output
	run_rl exec -d e true
	run_rl exec -dt e sleep 1000
	two=$output
	wait_for 5 eval '[ "$(rl inspect -f "{{len .ExecIDs}}" e)" = 2 ]'
	run_rl inspect -f '{{.ExecIDs}}' e
	like "$output" "*$one*"
	like "$output" "*$two*"
	run_rl rm -ft 0 e
}

@test "run: who is attached to no output is told the id" {
	run -0 bash -c "echo x | '$ROOTLET' --root '$ROOT' run -i -a stdin --network none --name in $BB sh -c 'cat > /got'"
	like "$output" "[0-9a-f]*"
	is "${#output}" 64
	run_rl cp in:/got -
	like "$output" "*x*"
}

@test "ports: a taken one, and the list of all" {
	local port id
	port=$(free_port)
	id=$(podman run -d --name p -p "127.0.0.1:$port:80" $BB sleep 1000)
	run -0 podman port -a
	is "$output" "${id:0:12}	80/tcp -> 127.0.0.1:$port"
	run -126 podman run --rm -p "127.0.0.1:$port:80" $BB true
	like "$output" "Error: *$port/tcp*: bind: address already in use*"
	run -125 docker run --rm -p "127.0.0.1:$port:80" $BB true
	like "$output" "docker: Error response from daemon: *$port*port is already allocated*"
}

@test "tables: a blank between columns is a tab for podman" {
	run -0 podman images --format 'table {{.Repository}} {{.Tag}}'
	is "${lines[0]}" "REPOSITORY    TAG"
	run -0 docker images --format 'table {{.Repository}} {{.Tag}}'
	is "${lines[0]}" "REPOSITORY TAG"
}
