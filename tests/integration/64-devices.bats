#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Devices by name (CDI) and --gpus.

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() {
	common_setup
	mkdir -p cdi "$HOME/.config/cdi"
	rm -f "$HOME/.config/cdi"/*
	echo lib > lib.so
	cat > cdi/acme.json <<-EOF2
		{"cdiVersion": "0.6.0", "kind": "acme.com/dev",
		 "containerEdits": {"env": ["ACME=common"]},
		 "devices": [
		  {"name": "one", "containerEdits": {
		    "env": ["ACME_ONE=1"],
		    "deviceNodes": [{"path": "/dev/acme0", "hostPath": "/dev/null"}],
		    "mounts": [{"hostPath": "$PWD/lib.so", "containerPath": "/usr/lib/acme.so", "options": ["ro", "nosuid"]}],
		    "hooks": [{"hookName": "createContainer", "path": "/bin/sh", "args": ["sh", "-c", "echo \$0 > $PWD/hooked", "ran"]}]}},
		  {"name": "gone", "containerEdits": {"deviceNodes": [{"path": "/dev/acme-gone"}], "env": ["GONE=1"]}}]}
	EOF2
}
teardown() { common_teardown; }
r() { run_rl --cdi-spec-dir "$PWD/cdi" run --rm --network=none "$@"; }

@test "--device VENDOR/CLASS=NAME: node, env, mount, hook" {
	r --device acme.com/dev=one $BB sh -c 'echo $ACME $ACME_ONE; test -c /dev/acme0 && echo node; cat /usr/lib/acme.so; touch /usr/lib/acme.so 2>&1 | grep -c ead-only'
	is "$output" $'common 1\nnode\nlib\n1'
	is "$(cat hooked)" ran
	run_rl --cdi-spec-dir "$PWD/cdi" create --name c --network=none --device acme.com/dev=one $BB sh -c 'echo $ACME_ONE'
	run_rl --cdi-spec-dir "$PWD/cdi" start -a c
	is "$output" 1
}

@test "a node that the host lacks is left out with a warning" {
	r --device acme.com/dev=gone --device acme.com/dev=one $BB sh -c 'echo $GONE$ACME_ONE; ls /dev/acme*'
	like "$output" "*/dev/acme-gone*left out*"
	like "$output" "*11"$'\n'"/dev/acme0"
}

@test "unknown devices, wrong and YAML specifications are told with the file" {
	run_rl '?' --cdi-spec-dir "$PWD/cdi" run --rm --network=none --device acme.com/dev=two $BB true
	like "$output" "*acme.com/dev=two*$PWD/cdi*"
	is_one_error
	run_rl '?' --cdi-spec-dir "$PWD/cdi" run --rm --network=none --device acme.com/=x $BB true
	like "$output" "*VENDOR/CLASS=NAME*"
	echo 'cdiVersion: 0.6.0' > cdi/gpu.yaml
	run_rl '?' --cdi-spec-dir "$PWD/cdi" run --rm --network=none --device other.com/gpu=0 $BB true
	like "$output" "*gpu.yaml*JSON*"
	is_one_error
	cp cdi/acme.json cdi/twice.json
	run_rl '?' --cdi-spec-dir "$PWD/cdi" run --rm --network=none --device acme.com/dev=one $BB true
	like "$output" "*acme.json*twice.json*"
	echo '{"kind": 1' > cdi/twice.json
	run_rl '?' --cdi-spec-dir "$PWD/cdi" run --rm --network=none --device acme.com/dev=one $BB true
	like "$output" "*twice.json*"
}

@test "the user's own directory is read, and wins" {
	sed 's/ACME_ONE=1/ACME_ONE=mine/' cdi/acme.json > "$HOME/.config/cdi/acme.json"
	run_rl run --rm --network=none --device acme.com/dev=one $BB sh -c 'echo $ACME_ONE'
	is "$output" mine
	mkdir high
	sed 's/ACME_ONE=1/ACME_ONE=high/' cdi/acme.json > high/other.json
	run_rl --cdi-spec-dir "$PWD/cdi" --cdi-spec-dir "$PWD/high" run --rm --network=none --device acme.com/dev=one $BB sh -c 'echo $ACME_ONE'
	is "$output" high
}

@test "--gpus: names of nvidia.com/gpu; as docker a number is how many" {
	cat > cdi/nv.json <<-'EOF2'
		{"cdiVersion": "0.5.0", "kind": "nvidia.com/gpu", "devices": [
		 {"name": "0", "containerEdits": {"env": ["G0=0"]}}, {"name": "1", "containerEdits": {"env": ["G1=1"]}},
		 {"name": "all", "containerEdits": {"env": ["GALL=all"]}}, {"name": "GPU-a:b", "containerEdits": {"env": ["GU=u"]}}]}
	EOF2
	show='echo $G0$G1$GALL$GU'
	r --gpus all $BB sh -c "$show"
	is "$output" all
	r --gpus 1 $BB sh -c "$show"
	is "$output" 1
	r --gpus '"device=0,1"' $BB sh -c "$show"
	is "$output" 01
	r --gpus device=GPU-a:b $BB sh -c "$show"
	is "$output" u
	ln -sf "$ROOTLET" docker
	run ./docker --root "$ROOT" --cdi-spec-dir "$PWD/cdi" run --rm --network=none --gpus 2 $BB sh -c "$show"
	is "$output" 01
	run_rl 125 run --rm --network=none --gpus capabilities=video $BB true
	like "$output" "*capabilities=video*device=*"
	run_rl 126 run --rm --network=none --gpus all $BB true
	like "$output" "*nvidia.com/gpu=all*"
}
