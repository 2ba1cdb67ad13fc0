#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Under docker's name: what info and version tell, and what is said about commands, contexts and errors.

load lib/common

setup_file() {
	common_setup_file
	registry_start secure tls auth
	mkdir "$BATS_FILE_TMPDIR/bin"
	printf '#!/bin/bash\nexec -a docker "%s" --root "%s" "$@"\n' "$ROOTLET" "$ROOT" \
		> "$BATS_FILE_TMPDIR/bin/docker"
	chmod 0755 "$BATS_FILE_TMPDIR/bin/docker"
	PATH=$BATS_FILE_TMPDIR/bin:$PATH
	export PATH
}
teardown_file() {
	registry_stop secure
	common_teardown_file
}
setup() { common_setup; }
teardown() { common_teardown; }

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
