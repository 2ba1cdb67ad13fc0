#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What scripts look for in the errors of registries, and what is left of a pull that was broken off.

load lib/common
setup_file() {
	need python3 jq
	common_setup_file noimage
	fakereg_start
}
teardown_file() {
	fakereg_stop
	common_teardown_file
}
setup() {
	common_setup
	: > "$LOG"
	ROOT=$BATS_TEST_TMPDIR/store
}
teardown() {
	common_teardown
	remove_store "$ROOT"
}

pull() {
	rl pull -q --tls-verify=false --retry 0 "$@"
}

# fails PATTERN ARGS: one error that says it.
fails() {
	run -125 pull "${@:2}"
	is_one_error
	like "${lines[-1]}" "rootlet: *$1*"
}

@test "every answer of a registry has its words" {
	local at="initializing source docker://$FAKE"
	fails "$at/s403/bb:latest: reading manifest latest in $FAKE/s403/bb: denied: reason of 403" "$FAKE/s403/bb"
	fails "$at/s404/bb:1: reading manifest 1 in $FAKE/s404/bb: reason of 404" "$FAKE/s404/bb:1"
	fails "reading manifest latest in $FAKE/s429/bb: toomanyrequests: reason of 429" "$FAKE/s429/bb"
	fails "unexpected HTTP status: 500: reason of 500" "$FAKE/s500/bb"
	fails "unexpected HTTP status: 418: reason of 418" "$FAKE/s418/bb"
	fails "unauthorized: authentication required: run: rootlet login $FAKE" "$FAKE/redirect/bb"
	fails "connect: connection refused" localhost:1/x
	fails "no such host" registry.invalid/x
	run -125 rl pull -q "$FAKE/bb"
	like "$output" "*http: server gave HTTP response to HTTPS client*--tls-verify=false"
	unlike "$output" "*trying again*"
}

@test "a token that is good for one request only" {
	run -0 pull "$FAKE/expires/bb"
	[ "$(jq -s 'map(select(.path | startswith("/token/new"))) | length' "$LOG")" -ge 3 ]
}

@test "an image beside its attestation; what is no image; an unknown kind of digest" {
	run -0 pull "$FAKE/attested/bb"
	fails "artifact" "$FAKE/artifact/bb"
	fails "sha512" "$FAKE/sha512/bb"
}

@test "a pull that is interrupted leaves nothing" {
	# What a shell starts in the background ignores SIGINT otherwise.
	env --default-signal=INT "$ROOTLET" --root "$ROOT" pull -q --tls-verify=false "$FAKE/hangs/bb" \
		> /dev/null 2>&1 3>&- &
	wait_for 10 grep -q "/hangs/bb/blobs/$(jq -r '.layers[0].digest' < "$(fixture_busybox)/blobs/sha256/$(
		jq -r '.manifests[0].digest' < "$(fixture_busybox)/index.json" | cut -d: -f2)")" "$LOG"
	kill -INT $!
	status=0
	wait $! || status=$?
	is "$status" 130
	run -0 rl images -q
	is "$output" ""
	is "$(find "$ROOT"/{layers,images} -mindepth 1 -maxdepth 1 -not -name names)" ""
}

@test "an --authfile and a --platform that cannot be" {
	run -125 pull --authfile "$BATS_TEST_TMPDIR/none" "$FAKE/bb"
	like "$output" "rootlet: credential file is not accessible: stat $BATS_TEST_TMPDIR/none: no such file or directory"
	run -125 pull --platform linux/arm64 --arch arm64 "$FAKE/bb"
	like "$output" "rootlet: --platform option can not be specified with --arch or --os*"
	run -125 rl create --platform linux/arm64 --arch arm64 "$FAKE/bb"
	like "$output" "rootlet: --platform option can not be specified with --arch or --os*"
}

@test "image trust: a rule is set, shown and obeyed; signatures are refused, not ignored" {
	local policy=$HOME/.config/containers/policy.json
	echo '{"default":[{"type":"insecureAcceptAnything"}],"transports":{"dir":{"":[{"type":"reject"}]}}}' > p.json
	mkdir -p r.d
	printf 'docker:\n  s.example:\n    lookaside: https://sigs.example/x\n' > r.d/a.yaml
	run -0 rl image trust set --signature-policy p.json --type signedBy -f /k1 -f /k2 s.example/team
	run -0 rl image trust show --signature-policy p.json --registrypath r.d
	is "$(awk '{ print $1, $2, $3, $4 }' <<< "$output")" "TRANSPORT NAME TYPE ID
all default accept 
dir reject  
repository s.example/team signed https://sigs.example/x
repository s.example/team signed https://sigs.example/x"
	run -0 rl image trust show --signature-policy p.json --json s.example
	is "$(jq -c 'map([.transport, .name, .type])' <<< "$output")" \
		'[["repository","s.example/team","signed"],["repository","s.example/team","signed"]]'
	is "$(rl image trust show --signature-policy p.json --raw | jq -c '.transports.docker["s.example/team"][1]')" \
		'{"type":"signedBy","keyType":"GPGKeys","keyPath":"/k2"}'
	run -125 rl image trust set --signature-policy p.json s.example
	like "$output" "*at least one public key must be defined for type 'signedBy'*"
	run -125 rl image trust set --signature-policy p.json --type accept -f x s.example
	run -125 rl image trust set --signature-policy p.json --type none s.example
	like "$output" "*choose from*"

	run -0 rl image trust set -t accept default
	run -0 rl image trust set -t reject "$FAKE/cut"
	run -0 rl image trust set -t signedBy -f /key "$FAKE/again"
	fails "$policy rejects images from docker:$FAKE/cut/bb:latest" "$FAKE/cut/bb"
	fails "asks for a signature (signedBy)" "$FAKE/again/bb"
	run -0 pull "$FAKE/plain/bb"
	rm "$policy"
	run -125 rl image sign bb
	like "$output" "*not signed here*skopeo*"
}
