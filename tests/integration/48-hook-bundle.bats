#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What OCI hooks find: a bundle with a configuration in the words of the runtime specification.

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() {
	common_setup
	mkdir hooks
	cat > hook <<EOT2
#!/bin/sh
# Each stage leaves its state, the configuration and what it sees of the root file system.
state=\$(cat)
bundle=\$(echo "\$state" | jq -r .bundle)
stage=\$1
echo "\$state" > $PWD/\$stage.state
cp "\$bundle/config.json" $PWD/\$stage.json || exit 1
ls "\$(jq -r .root.path "\$bundle/config.json")" > $PWD/\$stage.ls
EOT2
	chmod +x hook
	for s in createRuntime createContainer poststop; do
		echo '{"version":"1.0.0","hook":{"path":"'"$PWD/hook"'","args":["hook","'$s'"],"env":["PATH=/usr/bin:/bin"],"timeout":20},
			"when":{"always":true},"stages":["'$s'"]}' > hooks/$s.json
	done
}
teardown() { common_teardown; }

@test "hooks: the bundle has a config.json of the runtime specification, at every stage" {
	run_rl --hooks-dir "$PWD/hooks" run --rm --network=none --name b --user 1000 --read-only -e TOKEN=secret --annotation a.b=c \
		--workdir /tmp --tmpfs /t --hostname here --cap-drop all --cap-add kill --ulimit nofile=50:60 $BB echo ran
	is "$output" ran
	is "$(jq -c '[.process.args,.process.cwd,.process.user.uid,.process.user.gid,.process.terminal]' createRuntime.json)" \
		'[["echo","ran"],"/tmp",1000,1000,false]'
	is "$(jq -c '[.hostname,.root.readonly,.annotations["a.b"],.process.capabilities.bounding]' createRuntime.json)" \
		'["here",true,"c",["CAP_KILL"]]'
	jq -e '.ociVersion and (.process.env | index("TOKEN=secret")) and (.process.rlimits[] | select(.type == "RLIMIT_NOFILE" and
		.soft == 50 and .hard == 60)) and (.mounts[] | select(.destination == "/t" and .type == "tmpfs"))' createRuntime.json
	is "$(jq -c '[.linux.namespaces[].type] | sort' createRuntime.json)" '["ipc","mount","network","pid","uts"]'
	is "$(jq -r '.hooks.createContainer[0].args[1], .hooks.poststop[0].timeout' createRuntime.json)" "createContainer
20"
	is "$(jq -r .root.path createRuntime.json)" "$(jq -r .bundle createRuntime.state)/rootfs"
	# Before the pivot the container's files are at root.path; in the runtime's mount namespace nothing is.
	like "$(cat createContainer.ls)" "*bin*t*"
	is "$(cat createRuntime.ls)" ""
	is "$(jq -r .status poststop.state)" stopped
	cmp createRuntime.json poststop.json
	[ ! -e "$(jq -r .bundle poststop.state)" ]
}

@test "hooks: with ids of its own too, and without a hook there is no bundle" {
	run_rl --hooks-dir "$PWD/hooks" run --rm --network=none --userns=keep-id $BB true
	like "$(cat createContainer.ls)" "*bin*"
	is "$(jq -c '[.linux.namespaces[].type] | index("user") != null' createRuntime.json)" true
	is "$(jq '.linux.uidMappings | length > 0' createRuntime.json)" true
	id=$(rl run -d --network=none $BB sleep 1000)
	path=$(rl inspect --format '{{.HostsPath}}' "$id")
	[ ! -e "${path%/*}/config.json" ] && [ ! -e "${path%/*}/rootfs" ]
	[ -e "${path%/*}/hosts" ]
	rl rm -ft0 "$id"
}

@test "hooks: what a hook says when it fails is shown" {
	rm hooks/*
	echo '{"version":"1.0.0","hook":{"path":"/bin/sh","args":["sh","-c","echo first >&2; echo no driver here >&2; exit 3"]},
		"when":{"always":true},"stages":["prestart"]}' > hooks/a.json
	run_rl 126 --hooks-dir "$PWD/hooks" run --rm --network=none $BB true
	like "$output" "*hook /bin/sh failed with exit code 3: first no driver here"
}
