#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Registries that break connections, redirect, ask for tokens, or lie (lib/fakereg).

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
	ROOT=$BATS_TEST_TMPDIR/store	# layers that are here would not be asked for
}
teardown() {
	common_teardown
	remove_store "$ROOT"
}

pull() {
	rl pull -q --tls-verify=false --retry-delay 10ms "$@"
}

# refused BEHAVIOUR PATTERN [OPTIONS]: the pull fails with that message and leaves nothing.
refused() {
	run -125 pull "${@:3}" "$FAKE/$1/bb"
	echo "$output"
	like "${lines[-1]}" "rootlet: *$2*"
	is "$(find "$ROOT"/{layers,images,tmp} -mindepth 1 -maxdepth 1 -not -name names 2> /dev/null)" ""
}

@test "a broken connection is taken up where it broke" {
	run -0 pull "$FAKE/cut/bb"
	like "$output" "*[0-9a-f]*"
	[ "$(jq -s 'map(select(.range)) | length' "$LOG")" -gt 3 ]
	run -0 pull "$FAKE/cut/bb"
}

@test "a server without ranges sends all again, and nothing is doubled" {
	run -0 pull "$FAKE/again/bb"
	[ "$(jq -s 'map(select(.range)) | length' "$LOG")" -eq 2 ]
}

@test "another range than asked for is refused" {
	refused misplaced "another range"
}

@test "503 is tried again; --retry 0 is not" {
	refused busy "unexpected HTTP status: 503" --retry 0
	run -0 pull "$FAKE/busy/bb"
}

@test "CVE-2020-15157: credentials do not follow a redirect to another host" {
	run -0 pull --creds u:p "$FAKE/redirect/bb"
	[ "$(jq -s "map(select(.port == $CDN)) | length" "$LOG")" -ge 1 ]
	is "$(jq -s "map(select(.port == $CDN and .auth != null)) | length" "$LOG")" 0
	is "$(jq -s "map(select(.port == $PORT and .auth != null)) | length > 0" "$LOG")" true
}

@test "redirects in a circle end" {
	refused circle "more than 10 redirects"
}

@test "CVE-2019-10214: a token: from the registry's own host, and none from elsewhere over http" {
	run -0 pull --creds u:p "$FAKE/token/bb"
	is "$(jq -s 'map(select(.path | startswith("/token"))) | length' "$LOG")" 1
	like "$(jq -r 'select(.path | startswith("/token")) | .path' "$LOG")" \
		"*scope=repository%3Atoken%2Fbb%3Apull*"
	remove_store "$ROOT"
	: > "$LOG"
	refused strange "not encrypted" --creds u:p
	is "$(jq -s "map(select(.port == $CDN)) | length" "$LOG")" 0
}

@test "bytes that are not what a digest says" {
	refused announced "announced sha256:0000"
	refused flip "have digest"
	refused flop "layer 1 of"
	refused longer "more than the"
}

@test "CVE-2021-41190, CVE-2024-3727: manifests that mean two things, or nothing we take" {
	refused both "at once"
	refused type "the server says"
	refused schema1 "schema 1"
	refused foreign "is not followed"
	refused traversal "is not a sha256 digest"
}

@test "sizes have limits" {
	refused huge "larger than"
}

@test "a layer that is another than the configuration says is refused, however large" {
	refused bomb "layer 1 of"
}
