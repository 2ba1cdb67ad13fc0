#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Under docker's name: what info and version tell, and what is said about commands, contexts and errors.

load lib/common

setup_file() {
	common_setup_file
	registry_start secure tls auth
	persona_setup_file docker
}
teardown_file() {
	registry_stop secure
	common_teardown_file
}
setup() { common_setup; }
teardown() { common_teardown; }

# keys FILE: the members of its first object.
keys() {
	jq -rs ".[0] | keys | join(\" \")" "$1"
}

@test "docker: info has docker's layout, fields and JSON" {
	run -0 docker create --name i --network none $BB true
	run -0 --separate-stderr docker info
	like "$output" "Client: *
 Version:    28.*
 Context:    default
 Debug Mode: false

Server:
 Containers: 1
  Running: 0
  Paused: 0
  Stopped: 1
 Images: 1
 Server Version: 28.*
 Storage Driver: *
 Cgroup Version: [12]
*
 Swarm: inactive
*
 Security Options:
*
  rootless
*
 CPUs: *
 Total Memory: *iB
 Name: *
 Docker Root Dir: $ROOT
*"
	run -0 docker info -f '{{.Containers}} {{.ContainersRunning}} {{.Images}} {{.DockerRootDir}} {{.OSType}} {{.Name}} {{.Swarm.LocalNodeState}} {{.NCPU}}'
	is "$output" "1 0 1 $ROOT linux $(uname -n) inactive $(nproc --all)"
	like "$(docker info -f '{{.SecurityOptions}}')" "\[*name=rootless*\]"
	is "$(docker info -f '{{.Architecture}} {{.KernelVersion}} {{.CgroupVersion}}' | sed 's/ [12]$//')" "$(uname -mr | sed 's/\(.*\) \(.*\)/\2 \1/')"
	docker info --format json > j
	is "$(wc -l < j)" 1
	is "$(jq -c '[(.SecurityOptions | index("name=rootless") != null), .LoggingDriver, .Plugins.Volume, (.MemTotal | type), (.DriverStatus | type), (.MemoryLimit | type), .ClientInfo.Context, .Driver != "overlay"]' j)" \
		'[true,"json-file",["local"],"number","array","boolean","default",true]'
	is "$(jq -r .ID j)" "$(docker info -f '{{.ID}}')"
	is "$(HTTP_PROXY=http://me:secret@proxy:1/ docker info -f '{{.HttpProxy}}')" "http://xxxxx:xxxxx@proxy:1/"
	run -1 docker info -f '{{.Nosuch}}'
	like "$output" "template parsing error: *"
	# Under podman's name it is podman's.
	like "$(rl info)" "host:*"
	run -0 docker rm i
}

@test "docker: version has a client and a server" {
	docker version -f json > j
	is "$(jq -c '[(.Client | keys_unsorted), (.Server | keys_unsorted)]' j)" \
		'[["Platform","Version","ApiVersion","DefaultAPIVersion","GitCommit","GoVersion","Os","Arch","BuildTime","Context"],["Platform","Components","Version","ApiVersion","MinAPIVersion","GitCommit","GoVersion","Os","Arch","KernelVersion","BuildTime"]]'
	run -0 docker version --format '{{.Server.Version}} {{.Client.APIVersion}} {{.Server.APIVersion}} {{.Server.MinAPIVersion}} {{.Server.KernelVersion}}'
	like "$output" "28.* 1.51 1.51 1.24 $(uname -r)"
	is "$(docker version -f '{{range .Server.Components}}{{.Name}} {{.Details.Experimental}}{{end}}')" "Engine false"
}

@test "docker: help and unknown commands as docker's client has them" {
	run -0 --separate-stderr docker
	is "$output" ""
	like "$stderr" "Usage:  docker \[OPTIONS\] COMMAND*Management Commands:*  container *Commands:*  run *Global Options:*Run 'docker COMMAND --help' for more information on a command."
	run -0 --separate-stderr docker volume
	is "$output" ""
	is "${stderr_lines[0]}" "Usage:  docker volume COMMAND"
	run -0 --separate-stderr docker volume --help
	like "$output" "Usage:  docker volume COMMAND*Manage volumes*Commands:*  create *  rm *Run 'docker volume COMMAND --help' *"
	run -0 docker ps --help
	like "$output" "Usage:  docker ps \[OPTIONS\]*Aliases:*docker container ls*Options:*  -a, --all *"
	is "$(docker help ps)" "$output"
	is "$(docker rename --help | head -1)" "Usage:  docker rename CONTAINER NEW_NAME"
	run -1 docker help nosuch
	is "$output" "docker: unknown help topic: nosuch"
	run -1 docker nosuch
	is "$output" "docker: unknown command: docker nosuch

Run 'docker --help' for more information"
	run -1 docker image nosuch
	is "$output" "docker: unknown command: docker image nosuch

Usage:  docker image COMMAND

Run 'docker image --help' for more information"
	for c in "build ." "image build ." "buildx version" "compose up" "swarm init" "network create n" "volume update" "plugin ls" "context create x"; do
		# shellcheck disable=SC2086 # words
		run -1 docker $c
		is "${#lines[@]}" 1 "$c"
		like "$output" "docker: unknown command: docker *: *"
	done
}

@test "docker: there is one context, and no other engine" {
	run -0 docker context ls
	like "${lines[0]}" "NAME  *DESCRIPTION  *DOCKER ENDPOINT  *ERROR*"
	like "${lines[1]}" "default \*   *unix:///*"
	is "$(docker context ls -q) $(docker context show)" "default default"
	is "$(docker context ls --format json | jq -c '[.Name, .Current, .Error]')" '["default",true,""]'
	run -0 --separate-stderr docker context use default
	is "$output|$stderr" 'default|Current context is now "default"'
	like "$(docker context inspect -f '{{.Name}} {{.Endpoints.docker.Host}} {{.Storage.TLSPath}}')" "default unix:///* <IN MEMORY>"
	run -1 docker context use other
	like "$output" 'context "other" does not exist*'
	run -1 --separate-stderr docker context inspect default other
	like "$output" '*"Name": "default"*'
	# This machine's socket is this engine; another machine is not.
	is "$(DOCKER_HOST=unix:///run/d.sock docker context inspect -f '{{.Endpoints.docker.Host}}')" unix:///run/d.sock
	DOCKER_HOST=unix:///var/run/docker.sock run -0 docker -H unix:///run/docker.sock ps -q
	DOCKER_HOST=tcp://127.0.0.1:1 run -1 docker ps -q
	like "$output" "DOCKER_HOST=tcp://127.0.0.1:1 is refused: *"
	is "${#lines[@]}" 1
	DOCKER_HOST=tcp://127.0.0.1:1 run -0 docker -c default ps -q
	DOCKER_CONTEXT=other run -1 docker ps -q
	like "$output" 'context "other" does not exist*'
	DOCKER_CONTEXT=default run -0 docker ps -q
	run -1 docker --tlsverify ps
	like "$output" "--tlsverify is refused*"
	run -1 docker --log-level foo ps
	is "$output" "unable to parse logging level: foo"
}

@test "docker: login keeps what it was told in docker's own file" {
	registry_use secure
	unset REGISTRY_AUTH_FILE
	export DOCKER_CONFIG=$BATS_TEST_TMPDIR/cfg
	run -1 docker login "$REGISTRY" < /dev/null
	is "$output" "Error: Cannot perform an interactive login from a non TTY device"
	run -1 docker login --password-stdin "$REGISTRY" < /dev/null
	is "${lines[0]}" "the --password-stdin option requires --username to be set"
	run -1 docker login -u alice -p wrong --tls-verify=false "$REGISTRY"
	like "$output" "WARNING! Using --password via the CLI is insecure. Use --password-stdin.*Error response from daemon: *unauthorized*"
	run -0 --separate-stderr docker login -u alice --password-stdin --tls-verify=false "$REGISTRY" <<< s3cret
	is "$output" "Login Succeeded"
	like "$stderr" "*WARNING! Your credentials are stored unencrypted in '$DOCKER_CONFIG/config.json'.*"
	is "$(jq -r --arg r "$REGISTRY" '.auths[$r].auth' "$DOCKER_CONFIG/config.json" | base64 -d)" alice:s3cret
	docker push -q --tls-verify=false $BB "$REGISTRY/p/bb:1" 2> /dev/null || {
		docker tag $BB "$REGISTRY/p/bb:1"
		docker push -q --tls-verify=false "$REGISTRY/p/bb:1"
		docker rmi "$REGISTRY/p/bb:1"
	}
	run -0 docker --config "$DOCKER_CONFIG" logout "$REGISTRY"
	is "$output" "Removing login credentials for $REGISTRY"
	run -0 docker logout
	is "$output" "Removing login credentials for https://index.docker.io/v1/"
}

@test "docker: start, kill, rm, top and exec say what docker says" {
	local id
	id=$(docker create --name a --network none $BB sleep 1000)
	run -1 --separate-stderr docker start a nosuch nosuch2
	is "$output" a
	is "$stderr" "Error response from daemon: No such container: nosuch
Error response from daemon: No such container: nosuch2
Error: failed to start containers: nosuch, nosuch2"
	run -1 docker rm a
	is "$output" 'Error response from daemon: cannot remove container "/a": container is running: stop the container before removing or force remove'
	run -1 docker exec -it a true < /dev/null
	is "$output" "the input device is not a TTY"
	run -127 docker exec a nosuch
	is "$output" 'OCI runtime exec failed: exec failed: unable to start container process: exec: "nosuch": executable file not found in $PATH: unknown'
	run -1 docker port a 80
	is "$output" "Error: No public port '80' published for a"
	run -1 docker cp a:/nosuch .
	is "$output" "Error response from daemon: Could not find the file /nosuch in container a"
	run -1 docker create --name a $BB
	is "$output" "Error response from daemon: Conflict. The container name \"/a\" is already in use by container \"$id\". You have to remove (or rename) that container to be able to reuse that name."
	run -1 docker kill -s BAD a
	is "$output" "Error response from daemon: invalid signal: BAD"
	run -0 docker kill a
	is "$output" a
	run -0 docker wait a
	is "$output" 137
	run -1 docker kill a
	is "$output" "Error response from daemon: cannot kill container: a: container $id is not running"
	run -1 docker top a
	is "$output" "Error response from daemon: container $id is not running"
	run -0 docker rename a b
	is "$output" ""
	run -0 docker rm b
	is "$output" b
}

@test "docker: what run says of a container that cannot be, and its exit codes" {
	local help="Run 'docker run --help' for more information" say="docker: Error response from daemon:"
	# says WANT [ARGS]: exit code and the first line of "docker run ARGS"; help follows.
	says() {
		local code=$1 want=$2
		shift 2
		run "-$code" docker run --network none "$@"
		is "${lines[0]}" "$want"
		is "${lines[1]}" "$help"
	}
	says 127 "$say failed to create task for container: failed to create shim task: OCI runtime create failed: unable to start container process: exec: \"nosuch\": executable file not found in \$PATH: unknown" --rm $BB nosuch
	says 126 "$say failed to create task for container: failed to create shim task: OCI runtime create failed: unable to start container process: exec: \"/etc\": permission denied: unknown" --rm $BB /etc
	says 125 "$say the working directory 'rel' is invalid, it needs to be an absolute path" -w rel $BB
	says 125 "$say invalid restart policy: unknown policy 'foo'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'" --restart foo $BB
	says 125 "docker: conflicting options: cannot specify both --restart and --rm" --rm --restart always $BB
	says 125 "$say invalid mode: zz" -v a:/b:zz $BB
	says 125 "$say invalid mount config for type \"bind\": bind source path does not exist: /nosuch" --mount type=bind,src=/nosuch,dst=/x $BB
	says 125 "$say invalid CapAdd: unknown capability: \"CAP_FOO\"" --cap-add FOO $BB
	says 125 "$say unable to find user nosuch: no matching entries in passwd file" --rm -u nosuch $BB
	says 125 "docker: open /nosuch: no such file or directory" --env-file /nosuch $BB
	run -125 docker run --network foo $BB
	is "${lines[0]}" "$say network foo not found"
	# Refused at once, as an option that is wrong.
	run -125 docker run --isolation hyperv $BB
	like "${lines[0]}" "docker: --isolation is refused: *"
	run -1 docker run -it $BB < /dev/null
	is "$output" "the input device is not a TTY"
	run -125 docker run 127.0.0.1:1/no/such:1
	is "${lines[0]}" "Unable to find image '127.0.0.1:1/no/such:1' locally"
	like "${lines[1]}" "$say *"
	is "${lines[-1]}" "$help"
	is "$(docker run --rm --network none --env-host $BB env | grep -c ROOTLET_WORDS)" 0
}

@test "docker: stats, the ports of ps, df -v and events in docker's columns" {
	local p since
	p=$(free_port)
	since=$(date +%s)
	run -0 docker run -d --name w -p 127.0.0.1:$p:80 -p 127.0.0.1:$((p + 1)):$((p + 1)) --expose 98-99 --expose 53/udp -v vol:/v -l a=b $BB sleep 1000
	is "$(docker ps --format '{{.Ports}}')" \
		"127.0.0.1:$((p + 1))->$((p + 1))/tcp, 98-99/tcp, 53/udp, 127.0.0.1:$p->80/tcp"
	run -0 --separate-stderr docker stats --no-stream
	like "${lines[0]}" "CONTAINER ID   NAME      CPU %     MEM USAGE / LIMIT *MEM %     NET I/O *BLOCK I/O *PIDS"
	like "${lines[1]}" "????????????   w  *%  *iB / *iB  *B / *B  *  1*"
	docker stats --no-stream --format json w 2> /dev/null > j
	is "$(keys j)" "BlockIO CPUPerc Container ID MemPerc MemUsage Name NetIO PIDs"
	run -0 docker system df -v
	like "$output" "Images space usage:

REPOSITORY *CONTAINERS
*
Containers space usage:

CONTAINER ID   IMAGE  *COMMAND  *LOCAL VOLUMES   SIZE  *CREATED  *STATUS  *NAMES
????????????   $BB   \"sleep 1000\"   1  *Up *w
*
VOLUME NAME   LINKS     SIZE
vol           1  *
Build cache usage: 0B
*"
	docker system df -v --format json > j
	is "$(jq -c '[(.Containers[0] | .Names, .LocalVolumes), (.Volumes[0] | .Name, .Links), .Images[0].Containers, .BuildCache]' j)" \
		'["w","1","vol","1","1",[]]'
	run -0 docker events --since "$since" --until 0s --filter container=w --format '{{.Action}}'
	is "$output" $'create\nstart'
	run -0 docker rm -f w
	run -0 docker volume rm vol
}

@test "docker: inspect tells what --mount asked for, what is masked, and sysctls" {
	docker create --name i --network none --mount type=volume,src=mv,dst=/mv,volume-nocopy \
		--mount type=bind,src=/usr,dst=/u,ro,bind-propagation=rslave \
		--mount type=tmpfs,dst=/tt,tmpfs-size=1m,tmpfs-mode=1770 --sysctl net.ipv4.ip_forward=1 $BB
	docker inspect -f '{{json .HostConfig}}' i > j
	is "$(jq -c .Mounts j)" '[{"Type":"volume","Source":"mv","Target":"/mv","VolumeOptions":{"NoCopy":true}},{"Type":"bind","Source":"/usr","Target":"/u","ReadOnly":true,"BindOptions":{"Propagation":"rslave"}},{"Type":"tmpfs","Target":"/tt","TmpfsOptions":{"SizeBytes":1048576,"Mode":1016}}]'
	is "$(jq -c '[(.MaskedPaths | index("/proc/kcore") != null), (.ReadonlyPaths | index("/proc/sys") != null), .Sysctls, .Binds]' j)" \
		'[true,true,{"net.ipv4.ip_forward":"1"},null]'
	is "$(docker inspect -f '{{.HostConfig.Runtime}}' i)" "$(docker info -f '{{.DefaultRuntime}}')"
	run -0 docker rm i
	run -0 docker volume rm mv
	docker create --name i --network none --security-opt systempaths=unconfined --security-opt unmask=/proc/kcore $BB
	is "$(docker inspect -f '{{json .HostConfig}}' i | jq -c '[.Mounts, .MaskedPaths, .ReadonlyPaths]')" '[null,null,null]'
	run -0 docker rm i
	# As told, so done: a file of /proc that is writable by its owner is so inside.
	run -0 docker run --rm --network none --security-opt systempaths=unconfined $BB sh -c 'grep -c " /proc/" /proc/self/mounts || true'
	is "$output" 0
	run -0 docker run --rm --network none $BB sh -c 'grep -c " /proc/" /proc/self/mounts'
	[ "$output" -gt 3 ]
	run -125 docker run --security-opt systempaths=foo $BB
	like "${lines[0]}" "*systempaths=unconfined is expected"
}

@test "docker: load, import, save and push say no more than docker, and no less" {
	run -0 --separate-stderr docker save $BB -o bb.tar
	is "$output$stderr" ""
	run -0 --separate-stderr docker load -i bb.tar
	is "$output|$stderr" "Loaded image: $BB|"
	run -0 --separate-stderr docker import bb.tar imp:1
	like "$output|$stderr" "sha256:*|"
	run -0 docker rmi imp:1
	run -1 docker save $BB nosuch -o two.tar
	is "$output" "Error response from daemon: No such image: nosuch:latest"
	run -1 --separate-stderr docker push nosuch
	is "$output" "Using default tag: latest
The push refers to repository [docker.io/library/nosuch]"
	is "$stderr" "An image does not exist locally with the tag: nosuch"
	run -1 docker volume create 'bad name'
	like "$output" "Error response from daemon: create bad name: \"bad name\" includes invalid characters *"
	run -1 docker volume ls -f dangling=foo
	is "$output" "Error response from daemon: invalid filter 'dangling=foo'"
	run -1 docker ps -f status=foo
	is "$output" "Error response from daemon: invalid filter 'status=foo'"
	run -1 docker inspect --type foo $BB
	is "$output" '"foo" is not a valid value for --type'
	run -0 docker run --name l --network none $BB echo hi
	run -1 docker logs --since nonsense l
	is "$output" 'invalid value for "since": failed to parse value as time or duration: "nonsense"'
	is "$(docker logs --details --tail 1 l)" " hi"
	run -1 docker attach l
	is "$output" "You cannot attach to a stopped container, start it first"
	run -0 docker rm l
}

@test "docker: what prune asks, and that it takes no volume with a name along" {
	run -0 docker container prune <<< n
	like "$output" "WARNING! This will remove all stopped containers.*Are you sure you want to continue? \[y/N\] *"
	run -0 docker image prune <<< n
	like "$output" "WARNING! This will remove all dangling images.*"
	run -0 docker image prune -a <<< n
	like "$output" "WARNING! This will remove all images without at least one container associated to them.*"
	run -0 docker volume prune -a <<< n
	like "$output" "WARNING! This will remove all local volumes not used by at least one container.*"
	run -0 docker system prune --volumes <<< n
	like "$output" "WARNING! This will remove:
  - all stopped containers
*
  - all anonymous volumes not used by at least one container
  - all dangling images
*"
	docker volume create named
	docker create --name keep -v /anon --network none $BB
	docker rm keep
	run -0 docker system prune -a --volumes -f --filter label=nosuch
	run -0 docker system prune --volumes -f
	is "$(docker volume ls -q)" named
	docker run -d --name keep --network none --health-cmd true --health-interval 1h $BB sleep 100
	run -0 docker system prune -a --volumes -f
	is "$(docker volume ls -q)" named
	like "$(docker ps --format '{{.Status}}')" "Up * (health*)"
	docker pause keep
	like "$(docker ps --format '{{.Status}}')" "Up * (Paused)"
	run -1 docker exec keep true
	is "$output" "Error response from daemon: container keep is paused, unpause the container before exec"
	docker unpause keep
	docker rm -f keep
	docker volume rm named
}
