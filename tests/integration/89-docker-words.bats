#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Under docker's name: what info and version tell, and what is said about commands, contexts and errors.

load lib/common

setup_file() {
	common_setup_file
	mkdir "$BATS_FILE_TMPDIR/bin"
	printf '#!/bin/bash\nexec -a docker "%s" --root "%s" "$@"\n' "$ROOTLET" "$ROOT" \
		> "$BATS_FILE_TMPDIR/bin/docker"
	chmod 0755 "$BATS_FILE_TMPDIR/bin/docker"
	PATH=$BATS_FILE_TMPDIR/bin:$PATH
	export PATH
}
teardown_file() { common_teardown_file; }
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
