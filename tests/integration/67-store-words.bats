#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Volumes and secrets under the name of podman: what its users' scripts look for in output and errors.

load lib/common
load lib/podman

setup_file() {
	common_setup_file
	persona_setup_file podman
}
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

@test "the number of operands, and commands that are none" {
	says 125 "Error: accepts 1 arg(s), received 0*" volume exists
	says 125 "Error: accepts at most 1 arg(s), received 2*" volume create a b
	says 125 "Error: accepts 2 arg(s), received 1*" secret create x
	says 125 "Error: requires at least 1 arg(s), only received 0*" secret inspect
	says 125 'Error: `podman volume ls` takes no arguments*' volume ls x
	says 125 "Error: unrecognized command \`podman volume bogus\`*Try 'podman volume --help'*" volume bogus
	says 125 "Error: missing command 'podman volume COMMAND'*" volume
	says 125 "Error: missing command 'podman COMMAND'*"
}

@test "volumes: phrases, and what is there is shown before what is not" {
	podman volume create v
	says 125 "Error: volume with name v already exists: volume already exists" volume create v
	says 125 "*names must match [[]a-zA-Z0-9][[]a-zA-Z0-9_.-]*: invalid argument" volume create 'a b'
	says 125 "*invalid mount option foo for driver 'local'*" volume create --opt foo=bar x
	says 125 "*provide one or more volume names or use --all*" volume inspect
	says 125 "*provide one or more volume names or use --all*" volume inspect -a v
	says 125 "Error: no such volume gone" volume inspect -f '{{.Name}}' gone v
	is "$output" v
	says 125 "Error: no such volume gone" volume inspect gone
	is "$output" "[]"
	says 125 "Error: no such volume gone" volume export gone
	says 125 "Error: open no.tar: no such file or directory" volume import gone no.tar
	says 125 '*"nope" is an invalid volume filter*' volume ls --filter nope=1
	says 125 '*must be true or false*' volume ls --filter dangling=foo
	says 125 "*choose either one or more volumes or all*" volume rm
	podman create --name a -v v:/x $BB
	says 2 "*volume v is being used by the following container(s): *: volume is being used" volume rm v
	podman rm a
	run -0 podman volume prune <<< n
	like "$output" "*The following volumes will be removed:*v*Are you sure*"
	podman volume rm v
	run -0 podman volume ls
	is "$output" "" "no heading above nothing"
	run -0 podman volume ls --format json
	is "$output" "[]"
}

@test "mounts: phrases, the same -v twice, nosuid and nodev of volumes" {
	says 125 "*invalid container path \"x\", must be an absolute path*" run -v v:x $BB
	says 125 "*incorrect volume format, should be*" run -v a:b:c:d $BB
	says 125 "*host directory cannot be empty*" run -v :/x $BB
	says 125 '*invalid option type "foo"*' run -v v:/x:foo $BB
	says 125 '*invalid filesystem type "foo"*' run --mount type=foo,dst=/x $BB
	says 125 '*must set volume destination*' run --mount type=tmpfs $BB
	says 125 'Error: statfs /nosuch: no such file or directory' run -v /nosuch:/x $BB
	says 125 '*/x: duplicate mount destination*' run -v v:/x -v w:/x $BB
	says 125 '*/x: duplicate mount destination*' run --tmpfs /x -v v:/x $BB
	run -0 podman run --rm --network=none -v v:/x -v v:/x -v w:/y:suid,dev $BB grep -E ' /(x|y) ' /proc/mounts
	like "${lines[0]}" "* /x *nosuid,nodev*"
	[[ "${lines[1]}" != *nosuid* && "${lines[1]}" != *nodev* ]]
	podman create --name a -v v:/x:ro,z --tmpfs /t $BB
	run -0 podman inspect -f '{{.HostConfig.Binds}} {{.HostConfig.Tmpfs}} {{range .Mounts}}{{.Mode}} {{.Options}}{{end}}' a
	is "$output" "[v:/x:z,ro,rprivate,nosuid,nodev,rbind] map[/t:rw,rprivate,nosuid,nodev,tmpcopyup] z [nosuid nodev rbind]"
	podman rm -v a
	podman volume rm v w
}

@test "secrets: phrases, names, --pretty, inspect of a container" {
	printf s > s
	podman secret create --label k=v 'my secret_' s
	says 125 "*my secret_: secret name in use*" secret create 'my secret_' s
	says 125 "*invalid secret name" secret create a/b s
	says 125 "*invalid secret name" secret create '' s
	says 125 "*environment variable NOSUCH is not set" secret create --env x NOSUCH
	: > empty
	says 125 "*secret data must be larger than 0 and less than 512000 bytes" secret create x empty
	says 125 "Error: open nosuch: no such file or directory" secret create x nosuch
	says 125 "*requires one argument, or the --all flag*" secret rm
	says 125 "Error: no secret with name or id \"gone\": no such secret" \
		secret inspect -f '{{.Spec.Name}}' gone 'my secret_'
	is "$output" "my secret_"
	run -0 podman secret inspect --pretty 'my secret_'
	like "$output" "ID: *Name:*my secret_*Labels:*- k=v*Driver:*file*Created at:*"
	says 125 "*type=bogus is invalid: parsing secret*" run --secret x,type=bogus $BB
	says 125 "*no source found: parsing secret*" run --secret target=x $BB
	says 125 "*UID, GID, Mode options cannot be set with secret type env*" run --secret x,type=env,mode=0400 $BB
	podman create --name a --secret 'type=mount,source=my secret_,mode=0400,uid=1' $BB true
	run -0 podman inspect -f '{{range .Config.Secrets}}{{.Name}} {{.UID}} {{.GID}} {{.Mode}}{{end}}' a
	is "$output" "my secret_ 1 0 256"
	podman rm a
	podman secret rm -a
}
