#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Under docker's name: names of images, lists and their placeholders, what inspect says.

load lib/common

setup_file() {
	common_setup_file
	persona_setup_file docker
}
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

# keys FILE: the members of its first object.
keys() {
	jq -rs '.[0] | keys | join(" ")' "$1"
}

@test "docker: short names are the Hub's, and shown as they were given" {
	run -0 docker tag $BB mine
	run -0 docker tag $BB team/mine:2
	run -0 docker images --format '{{.Repository}}:{{.Tag}}'
	is "$(sort <<< "$output")" $'localhost/bb:latest\nmine:latest\nteam/mine:2'
	is "$(rl images --format '{{.Repository}}:{{.Tag}}' | sort | tr '\n' ' ')" \
		"docker.io/library/mine:latest docker.io/team/mine:2 localhost/bb:latest "
	# One repository and no other that ends so; with a pattern those it stands for.
	is "$(docker images -q mine | wc -l)" 1
	is "$(docker images --format '{{.Repository}}' 'mi*')" mine
	is "$(docker images --filter reference='*/mine' --format '{{.Repository}}')" team/mine
	# What the other names have is found too, where the Hub's has nothing.
	run -0 docker run --rm --network none bb true
	run -0 docker image inspect --format '{{json .RepoTags}}' mine
	like "$output" '*"mine:latest"*"team/mine:2"*'
	docker save mine team/mine:2 > two.tar
	is "$(tar xOf two.tar manifest.json | jq -c '[.[].RepoTags[]] | sort')" '["mine:latest","team/mine:2"]'
	run -0 docker rmi mine team/mine:2
	is "$output" $'Untagged: mine:latest\nUntagged: team/mine:2'
	run -0 docker load -q -i two.tar
	is "$(sort <<< "$output")" $'Loaded image: mine:latest\nLoaded image: team/mine:2'
	run -0 docker rmi mine team/mine:2
}

@test "docker: ps has docker's columns, placeholders and JSON" {
	run -0 docker run -d --name one --network none -l kind=test -v vol1:/v -v /usr:/host-usr:ro $BB \
		sh -c 'sleep 100000 # and more words'
	run -0 docker ps
	like "${lines[0]}" "CONTAINER ID   IMAGE *COMMAND *CREATED *STATUS *PORTS     NAMES"
	like "${lines[1]}" "* $BB *\"sh -c 'sleep 100000…\"*Up *one"
	docker ps --format json > j
	is "$(wc -l < j)" 1 "an object a line"
	is "$(keys j)" "Command CreatedAt ID Image Labels LocalVolumes Mounts Names Networks Ports RunningFor Size State Status"
	docker ps --format '{{json .}}' > j
	is "$(keys j)" "Command CreatedAt ID Image Labels LocalVolumes Mounts Names Networks Ports RunningFor Size State Status"
	like "$(jq -r .Size j)" "*B (virtual *B)"
	is "$(docker ps --format '{{.Mounts}}|{{.LocalVolumes}}|{{.Networks}}|{{.Label "kind"}}|{{.Labels}}')" \
		"vol1,/usr|1|none|test|kind=test"
	is "$(docker ps --format 'table {{.ID}}\t{{.RunningFor}}' | head -1)" "CONTAINER ID   CREATED"
	run -0 docker volume ls
	is "${lines[0]}" "DRIVER    VOLUME NAME"
	docker volume ls --format json > j
	is "$(jq -r '.Name + " " + .Links + " " + .Labels' j)" "vol1 N/A "
	docker images --format json > j
	is "$(keys j)" "Containers CreatedAt CreatedSince Digest ID Repository SharedSize Size Tag UniqueSize"
	like "$(docker images --format '{{.Size}}')" "[0-9]*[kM]B"
	unlike "$(docker images --format '{{.Size}}')" "* *"
}

@test "docker: inspect has docker's members" {
	run -0 docker create --name i --network none -v vol2:/v -v /anon -v /usr:/u:ro -e A=b -p 80:80 -l x=y $BB true
	docker inspect i > j
	is "$(jq -r '.[0] | [.Name, .Platform, .Config.Image, .HostConfig.LogConfig.Type] | join(" ")' j)" \
		"/i linux $BB json-file"
	like "$(jq -r '.[0].Image' j)" "sha256:????????????????????????????????????????????????????????????????"
	is "$(jq -r '.[0] | keys | join(" ")' j)" "AppArmorProfile Args Config Created Driver ExecIDs GraphDriver HostConfig HostnamePath HostsPath Id Image LogPath MountLabel Mounts Name NetworkSettings Path Platform ProcessLabel ResolvConfPath RestartCount State"
	is "$(jq -c '.[0] | [.HostConfig.Binds, .HostConfig.CapAdd, .ExecIDs, .HostConfig.PidMode, .HostConfig.IpcMode]' j)" \
		'[["vol2:/v","/usr:/u:ro"],null,null,"","private"]'
	is "$(jq -c '.[0].Config | [.Volumes, .Entrypoint, .Labels, (.Env | index("A=b") != null)]' j)" \
		'[{"/anon":{}},null,{"x":"y"},true]'
	is "$(jq -r '.[0].Mounts[0] | keys | join(" ")' j)" \
		"Destination Driver Mode Name Propagation RW Source Type"
	is "$(jq -r '.[0].State | keys | join(" ")' j)" \
		"Dead Error ExitCode FinishedAt OOMKilled Paused Pid Restarting Running StartedAt Status"
	is "$(docker inspect -f '{{range $k, $v := .NetworkSettings.Networks}}{{$k}}{{end}}' i)" none
	# The engine's own variables are no part of the definition.
	is "$(docker inspect -f '{{json .Config.Env}}' i | grep -c 'container=\|HOSTNAME=')" 0
	run -0 docker run --rm --network none $BB env
	unlike "$output" "*container=*"
	run -0 docker image inspect --format '{{.Config.User}}|{{.Config.Entrypoint}}|{{.Id}}' $BB
	like "$output" "|\\[\\]|sha256:*"
	docker volume inspect vol2 > j
	is "$(jq -c '.[0] | [.Labels, .Options, .Scope, keys_unsorted] | flatten' j)" \
		'[null,null,"local","Name","Driver","Mountpoint","CreatedAt","Labels","Scope","Options"]'
}

@test "docker: rmi and volume rm by force take no container away" {
	local id
	run -0 docker tag $BB used
	id=$(docker images -q --no-trunc used)
	run -0 docker tag $BB spare
	run -0 docker rmi $BB spare
	run -0 docker create --name user --network none -v kept:/v used true
	run -1 docker rmi used
	like "$output" 'Error response from daemon: conflict: unable to remove repository reference "used" (must force) - container *'
	run -1 docker rmi "$id"
	like "$output" "Error response from daemon: conflict: unable to delete * (must be forced) - image is being used by stopped container *"
	run -0 docker rmi -f used
	is "$output" "Untagged: used:latest"
	run -1 docker rmi -f "$id"
	run -1 docker volume rm -f kept
	like "$output" "Error response from daemon: *kept*"
	run -0 docker start -a user
	run -0 docker rm user
	run -0 docker tag "${id#sha256:}" back
	rl tag docker.io/library/back $BB
	run -0 docker rmi back
	run -0 docker volume rm -f kept nosuch
	is "$output" $'kept\nnosuch'
	# What is not there is told, and no failure by force.
	run -0 --separate-stderr docker rmi -f nosuch
	like "$stderr" "*No such image: nosuch*"
	run -0 --separate-stderr docker rm -f nosuch
	is "$output" ""
	is "$stderr" "Error response from daemon: No such container: nosuch"
}

@test "docker: what is wrong with the command line, and its exit codes" {
	run -1 docker run
	is "${lines[0]}" "docker: 'docker run' requires at least 1 argument"
	like "$output" "*Usage:  docker run \[OPTIONS\] IMAGE \[COMMAND\] \[ARG...\]*Run 'docker run --help' for more information"
	run -1 docker tag one
	is "${lines[0]}" "docker: 'docker tag' requires exactly 2 arguments"
	run -1 docker ps extra
	is "${lines[0]}" "docker: 'docker ps' accepts no arguments"
	run -125 docker ps --nosuch
	like "$output" "unknown flag: --nosuch*Usage:  docker ps \[OPTIONS\]*"
	run -1 docker ps --filter nosuch=1
	is "${lines[0]}" "Error response from daemon: invalid filter 'nosuch'"
	run -125 docker run --network none BAD
	is "${lines[0]}" "docker: invalid reference format: repository name (library/BAD) must be lowercase"
	run -1 docker create --name 'a b' $BB
	like "${lines[0]}" "Error response from daemon: Invalid container name (a b), only *"
	run -1 docker history nosuch
	is "$output" "Error response from daemon: No such image: nosuch:latest"
	run -1 docker save nosuch
	is "$output" "Error response from daemon: No such image: nosuch:latest"
	run -0 docker create --name c --network none $BB true
	run -1 docker ps -a --format '{{.Nosuch}}'
	like "$output" "template parsing error: template: :1:3: *"
	run -1 docker pause c
	is "$output" "Error response from daemon: container c is not running"
	run -1 docker exec c true
	is "$output" "Error response from daemon: container c is not running"
	run -0 docker rm c
}

@test "docker: prune, history, df and version" {
	local id
	run -0 docker volume create one
	run -0 docker volume create one
	is "$output" one
	id=$(docker create --network none $BB true)
	run -0 docker container prune -f
	like "$output" "Deleted Containers:
$id

Total reclaimed space: *B"
	run -0 docker container prune -f
	is "$output" "Total reclaimed space: 0B"
	id=$(docker volume create)
	run -0 docker volume prune -f
	is "$output" "Deleted Volumes:
$id

Total reclaimed space: 0B"
	run -0 docker volume prune -af
	like "$output" "*one*"
	run -0 docker image prune -f
	is "$output" "Total reclaimed space: 0B"
	run -0 docker history $BB
	like "${lines[0]}" "IMAGE *CREATED *CREATED BY *SIZE *COMMENT"
	docker history --format json $BB > j
	is "$(keys j)" "Comment CreatedAt CreatedBy CreatedSince ID Size"
	run -0 docker system df
	like "${lines[0]}" "TYPE *TOTAL *ACTIVE *SIZE *RECLAIMABLE"
	like "${lines[4]}" "Build Cache *0 *0 *0B *0B"
	docker system df --format json > j
	is "$(jq -r .Type j | tr '\n' ' ')" "Images Containers Local Volumes Build Cache "
	is "$(docker version --format '{{.Server.APIVersion}} {{.Client.Context}} {{.Server.Os}}')" "1.51 default linux"
	like "$(docker version)" "Client: *API version: *Server: *Engine:*"
}

@test "docker: run and pull tell what they fetch in docker's words" {
	run -125 docker run --rm --pull never --network none nosuch:1 true
	is "${lines[0]}" "docker: Error response from daemon: No such image: nosuch:1"
	run -125 docker run --rm --network none 127.0.0.1:1/no/such:1 true
	is "${lines[0]}" "Unable to find image '127.0.0.1:1/no/such:1' locally"
	run -1 --separate-stderr docker pull 127.0.0.1:1/no/such
	is "${lines[0]}" "Using default tag: latest"
	run -1 --separate-stderr docker pull -q 127.0.0.1:1/no/such
	is "$output" ""
	like "$stderr" "Error response from daemon: *"
}

@test "docker: events as docker tells them" {
	local id since
	since=$(date +%s)
	id=$(docker create --name ev --network none -l k=v $BB sh -c 'exit 3')
	run -3 docker start -a ev
	run -0 docker rm ev
	run -0 docker events --since "$since" --until 0s --filter container="$id" --filter event=die --filter event=destroy
	like "${lines[0]}" "????-??-??T??:??:??.*Z container die $id (exitCode=3, image=$BB, k=v, name=ev)"
	like "${lines[1]}" "* container destroy $id (image=$BB, k=v, name=ev)"
	docker events --since "$since" --until 0s --filter container="$id" --filter event=start --format '{{json .}}' > j
	is "$(jq -c '[.status, .id, .from, .Type, .Action, .Actor.ID, .Actor.Attributes.name, .scope]' j)" \
		"[\"start\",\"$id\",\"$BB\",\"container\",\"start\",\"$id\",\"ev\",\"local\"]"
	is "$(docker events --since "$since" --until 0s --filter container="$id" --filter event=create --format '{{.Type}} {{.Action}} {{.Actor.Attributes.k}}')" \
		"container create v"
	run -1 docker events --since 1 --until 0s --format '{{.Nosuch}}'
}

@test "docker: global options" {
	run -0 docker -v
	like "$output" "Docker version *, build *"
	run -0 docker --context default ps -q
	run -0 docker -c default ps -q
	run -1 docker --context other ps
	like "$output" "*--context is refused: there is no remote service*"
	run -1 docker -H tcp://127.0.0.1:1 ps
	like "$output" "*--host is refused*"
	run -1 docker cp a b
	is "${lines[0]}" "must specify at least one container source"
}
