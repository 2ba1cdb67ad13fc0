#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Secrets that are not kept in the store: drivers pass and shell.

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

shell_opts() {
	echo "list=ls '$PWD/kept',lookup=cat '$PWD/kept/'\$SECRET_ID,store=cat > '$PWD/kept/'\$SECRET_ID,delete=rm '$PWD/kept/'\$SECRET_ID"
}

@test "shell: store, lookup, delete by the user's commands" {
	mkdir kept
	printf 'hu\0sh\n' > s
	run_rl secret create -d shell --driver-opts "$(shell_opts)" --label k=v sh1 s
	id=$output
	cmp s "kept/$id"
	[ ! -e "$ROOT/secrets/sh1/data" ]
	is "$(rl secret inspect -f '{{.Spec.Driver.Name}} {{.Spec.Labels.k}}' sh1)" "shell v"
	like "$(rl secret inspect -f '{{.Spec.Driver.Options.list}}' sh1)" "ls *kept*"
	is "$(rl secret ls --format '{{.Name}} {{.Driver}} {{.Spec.Name}}')" "sh1 shell sh1"
	rl run --rm --network=none --secret sh1 $BB cat /run/secrets/sh1 | cmp - s
	printf 'other' | rl secret create -d shell --driver-opts "$(shell_opts)" --replace sh1 -
	[ ! -e "kept/$id" ]
	is "$(ls kept | wc -l)" 1
	is "$(rl secret inspect --showsecret -f '{{.SecretData}}' sh1)" other
	run_rl 125 secret create -d shell --driver-opts "$(shell_opts)" sh1 s
	is_one_error
	is "$(ls kept | wc -l)" 1
	rl secret rm sh1
	is "$(ls kept)" ""
}

@test "shell: commands that are missing or fail" {
	echo x > s
	run_rl 125 secret create -d shell --driver-opts list=true,lookup=true,store=true bad s
	is_one_error
	like "$output" "*delete is missing*"
	run_rl 125 secret create -d shell --driver-opts list=true,lookup=false,store=false,delete=true bad s
	like "$output" "*'false' ended with 1*"
	run_rl 1 secret exists bad
	run_rl secret create -d shell --driver-opts list=true,lookup=false,store='cat > /dev/null',delete=false stuck s
	run_rl 125 run --rm --network=none --secret stuck $BB true
	run_rl 125 secret rm stuck
	run_rl secret exists stuck
	rm -rf "$ROOT/secrets/stuck"
	run_rl 125 secret create --driver-opts root=/x f s
	is_one_error
	run_rl 125 secret create -d vault f s
	is_one_error
	like "$output" "*file, pass, shell*"
}

@test "pass: encrypted by gpg for the key of the option or of .gpg-id" {
	need gpg
	export GNUPGHOME=$BATS_TEST_TMPDIR/g
	mkdir -m 700 "$GNUPGHOME"
	gpg -q --batch --passphrase '' --quick-gen-key tester@example.org default default never 2> /dev/null
	printf 'sec\0ret' > s
	run_rl secret create -d pass --driver-opts root="$PWD/store",key=tester@example.org p1 s
	id=$output
	[ -s "store/$id.gpg" ]
	run ! grep -q sec "store/$id.gpg"
	rl run --rm --network=none --secret p1 $BB cat /run/secrets/p1 | cmp - s
	echo tester@example.org > store/.gpg-id
	printf '[secrets]\ndriver = "pass"\n[secrets.opts]\nroot = "%s"\n' "$PWD/store" > c.conf
	printf two | CONTAINERS_CONF=$PWD/c.conf rl secret create p2 -
	is "$(rl secret inspect --showsecret -f '{{.SecretData}} {{.Spec.Driver.Name}}' p2)" "two pass"
	rl secret rm p1 p2
	is "$(ls store)" ""
	run_rl 125 secret create -d pass --driver-opts root="$PWD/none" p3 s
	like "$output" "*which key*"
	run_rl 125 secret create -d pass --driver-opts root="$PWD/store",key=nobody@example.org p3 s
	like "${lines[-1]}" "rootlet: secret p3: *"
	run_rl 1 secret exists p3
	# One agent was started here, one in the session, which is another uid to gpg.
	local pids
	pids=$(pgrep -f -- "--homedir $GNUPGHOME") || true
	for p in $pids; do
		kill "$p"
		wait_for 5 sh -c "! kill -0 $p"
	done
}

@test "secret create: --env, stdin, --ignore, --replace; ls filters; --pretty" {
	export SECRET_VALUE='from the environment'
	run_rl secret create --env e1 SECRET_VALUE
	is "$(rl secret inspect --showsecret -f '{{.SecretData}}' e1)" 'from the environment'
	run_rl 125 secret create --env e2 NO_SUCH_VARIABLE
	is_one_error
	id=$(rl secret inspect -f '{{.ID}}' e1)
	is "$(printf y | rl secret create --ignore e1 -)" "$id"
	printf z | rl secret create --replace e1 - > /dev/null
	is "$(rl secret inspect --showsecret -f '{{.SecretData}}' e1)" z
	run_rl 125 secret create --ignore --replace e1 /dev/null
	is_one_error
	printf a | rl secret create -l l=1 abc - > /dev/null
	is "$(rl secret ls -q --filter name=^a | wc -l)" 1
	is "$(rl secret ls --noheading --filter name=e1 --format 'table {{.Name}} {{.Driver}}' | tr -s ' ')" "e1 file"
	id=$(rl secret inspect -f '{{.ID}}' abc)
	is "$(rl secret ls --filter id="${id:0:8}" --format '{{.Name}}')" abc
	like "$(rl secret inspect --pretty abc)" "ID:*Name:*abc*Driver:*file*"
	run_rl 125 secret ls --filter colour=red
	is_one_error
	is "$(rl secret rm -a | wc -l)" 2
}
