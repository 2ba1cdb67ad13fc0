#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# push and login against a real registry; what was pushed is read with skopeo.

load lib/common
setup_file() {
	need skopeo jq docker-registry htpasswd
	common_setup_file
	export REGISTRY_BASE=$BATS_FILE_TMPDIR
	registry_start plain
	registry_push "$(fixture_zoo)" zoo:1
	registry_start secure tls auth
}
teardown_file() {
	registry_stop plain
	registry_stop secure
	common_teardown_file
}
setup() {
	common_setup
	registry_use plain
	export HOME=$BATS_TEST_TMPDIR REGISTRY_AUTH_FILE=$BATS_TEST_TMPDIR/auth.json
}
teardown() { common_teardown; }

remote_raw() {
	skopeo inspect --raw --tls-verify=false "docker://$1"
}

@test "push a local image: skopeo and we read it back, and it runs" {
	run_rl push -q --tls-verify=false --digestfile "$BATS_TEST_TMPDIR/digest" "$BB" "$REGISTRY/new/bb:1"
	is "$output" ""
	digest=$(cat "$BATS_TEST_TMPDIR/digest")
	is "sha256:$(remote_raw "$REGISTRY/new/bb:1" | sha256sum | cut -d' ' -f1)" "$digest"
	like "$(remote_raw "$REGISTRY/new/bb:1" | jq -r '.layers[0].mediaType')" "*gzip"
	skopeo --insecure-policy copy -q --src-tls-verify=false "docker://$REGISTRY/new/bb:1" \
		"oci:$BATS_TEST_TMPDIR/oci"
	other=$BATS_TEST_TMPDIR/store
	run -0 "$ROOTLET" --root "$other" run --rm --network=none -q --tls-verify=false "$REGISTRY/new/bb:1" echo back
	is "${lines[-1]}" back
	remove_store "$other"
}

@test "push of a pulled image: nothing is sent and the digest stays, also into another repository" {
	run_rl pull -q --tls-verify=false "$REGISTRY/zoo:1"
	want=$(remote_raw "$REGISTRY/zoo:1" | sha256sum)
	run_rl push --tls-verify=false "$REGISTRY/zoo:1"
	like "$output" "*already there*"
	run_rl push --tls-verify=false "$REGISTRY/zoo:1" "docker://$REGISTRY/moved/zoo:2"
	like "$output" "*already there*"
	unlike "$output" "*done*"
	is "$(remote_raw "$REGISTRY/moved/zoo:2" | sha256sum)" "$want"
	run_rl rmi "$REGISTRY/zoo:1"
}

@test "push: media types and compression as asked for" {
	run_rl push -q --tls-verify=false --format oci "$BB" "$REGISTRY/f/bb:oci"
	is "$(remote_raw "$REGISTRY/f/bb:oci" | jq -r .mediaType)" application/vnd.oci.image.manifest.v1+json
	run_rl push -q --tls-verify=false --format v2s2 "$BB" "$REGISTRY/f/bb:docker"
	is "$(remote_raw "$REGISTRY/f/bb:docker" | jq -r .mediaType)" \
		application/vnd.docker.distribution.manifest.v2+json
	run_rl push -q --tls-verify=false --compression-format zstd --compression-level 3 "$BB" "$REGISTRY/f/bb:zstd"
	like "$(remote_raw "$REGISTRY/f/bb:zstd" | jq -r '.layers[0].mediaType')" "*tar+zstd"
	printf '[engine]\ncompression_format = "zstd"\n' > "$BATS_TEST_TMPDIR/containers.conf"
	CONTAINERS_CONF=$BATS_TEST_TMPDIR/containers.conf run_rl push -q --tls-verify=false "$BB" "$REGISTRY/f/bb:conf"
	like "$(remote_raw "$REGISTRY/f/bb:conf" | jq -r '.layers[0].mediaType')" "*tar+zstd"
	other=$BATS_TEST_TMPDIR/store
	run -0 "$ROOTLET" --root "$other" pull -q --tls-verify=false "$REGISTRY/f/bb:zstd"
	remove_store "$other"
	run_rl 125 push -q --format v2s2 --compression-format zstd "$BB" "$REGISTRY/f/bb:x"
	like "$output" "*zstd*oci*"
	run_rl 125 push -q --format v2s1 "$BB" "$REGISTRY/f/bb:x"
	run_rl 125 push -q --compression-level 11 "$BB" "$REGISTRY/f/bb:x"
	like "$output" "*from 1 to 9*"
}

@test "push --all-tags; --platform of another machine; names that cannot be" {
	rl tag "$BB" "$REGISTRY/all/bb:a" "$REGISTRY/all/bb:b"
	run_rl push -q --tls-verify=false --all-tags "$REGISTRY/all/bb"
	remote_raw "$REGISTRY/all/bb:a" > /dev/null
	remote_raw "$REGISTRY/all/bb:b" > /dev/null
	rl rmi "$REGISTRY/all/bb:a" "$REGISTRY/all/bb:b"
	run_rl 125 push --tls-verify=false --platform linux/s390x "$BB" "$REGISTRY/p/bb"
	like "$output" "*not for linux/s390x*"
	run_rl 125 push no-such-image "$REGISTRY/x/bb"
	is_one_error
	run_rl 125 push --tls-verify=false "$BB" localhost:1/x/bb
	like "$output" "*localhost:1*"
	run_rl 125 push "$BB" "$REGISTRY/x@sha256:$(printf '0%.0s' $(seq 64))"
}

@test "push to dir:, oci:, oci-archive: and docker-archive:, read by skopeo" {
	d=$BATS_TEST_TMPDIR
	run_rl push -q "$BB" "dir:$d/dir"
	run_rl push -q "$BB" "oci:$d/layout:tag"
	run_rl push -q "$BB" "oci-archive:$d/oci.tar:x/y:1"
	run_rl push -q "$BB" "docker-archive:$d/docker.tar:x/y:1"
	for from in "dir:$d/dir" "oci:$d/layout:tag" "oci-archive:$d/oci.tar:x/y:1" "docker-archive:$d/docker.tar"; do
		skopeo inspect --config "$from" > "$d/config"
		is "$(jq -r .rootfs.diff_ids[0] "$d/config")" \
			"$(rl image inspect --format '{{index .RootFS.Layers 0}}' "$BB")" "$from"
	done
	is "$(tar xOf "$d/docker.tar" manifest.json | jq -r '.[0].RepoTags[0]')" docker.io/x/y:1
	run_rl 125 push -q "$BB" "containers-storage:x"
}

@test "docker pull and docker push print what docker prints" {
	as_docker() { (exec -a docker "$ROOTLET" --root "$ROOT" "$@"); }
	printf '[[registry]]\nlocation = "%s"\ninsecure = true\n' "$REGISTRY" > r.conf
	export CONTAINERS_REGISTRIES_CONF=$PWD/r.conf
	run_rl tag "$BB" "$REGISTRY/words:latest"
	run -0 --separate-stderr as_docker push "$REGISTRY/words"
	is "${lines[0]}" "Using default tag: latest"
	is "${lines[1]}" "The push refers to repository [$REGISTRY/words]"
	like "${lines[2]}" "latest: digest: sha256:* size: [0-9]*"
	digest=$(cut -d' ' -f3 <<< "${lines[2]}")
	run -0 --separate-stderr as_docker push -q "$REGISTRY/words:latest"
	is "$output" "$REGISTRY/words:latest"
	run_rl rmi "$REGISTRY/words:latest"
	for said in "Downloaded newer image" "Image is up to date"; do
		run -0 --separate-stderr as_docker pull "$REGISTRY/words"
		is "$output" "Using default tag: latest
latest: Pulling from words
Digest: $digest
Status: $said for $REGISTRY/words:latest
$REGISTRY/words:latest"
	done
	run -0 --separate-stderr as_docker pull -q "$REGISTRY/words"
	is "$output" "$REGISTRY/words:latest"
	run -1 as_docker pull "$REGISTRY/words:none"
	like "$output" "Error response from daemon: manifest for $REGISTRY/words:none not found: manifest unknown*"
	run -125 as_docker run --rm --pull=missing --network=none "$REGISTRY/nowhere" true
	like "${lines[0]}" "Unable to find image '$REGISTRY/nowhere:latest' locally"
	run_rl rmi "$REGISTRY/words:latest"
}

@test "a layout takes further images, a dir: is replaced, and no other directory is touched" {
	run_rl tag "$BB" localhost/second
	run_rl push -q "$BB" oci:layout:a
	run_rl push -q localhost/second oci:layout:b
	run_rl push -q "$BB" oci:layout:a
	is "$(jq -r '.manifests[].annotations["org.opencontainers.image.ref.name"]' layout/index.json | xargs)" "b a"
	skopeo inspect oci:layout:a > a
	skopeo inspect oci:layout:b > b
	cmp a b
	run_rl push -q "$BB" dir:d
	touch "d/$(printf '%064d' 7)" d/mine
	run_rl push -q "$BB" dir:d
	skopeo inspect dir:d > /dev/null
	[ ! -e "d/$(printf '%064d' 7)" ]
	[ -e d/mine ]
	mkdir other
	touch other/file
	run_rl 125 push -q "$BB" dir:other
	like "$output" "*other is not empty*"
	is "$(ls other)" file
}

@test "login asks the registry: a wrong password is an error and nothing is stored" {
	registry_use secure
	run -125 rl login -u alice -p wrong --tls-verify=false "$REGISTRY"
	like "$output" "*unauthorized: invalid username*"
	is_one_error
	[ ! -e "$REGISTRY_AUTH_FILE" ]
	run -125 rl login -u alice -p s3cret "$REGISTRY"
	like "$output" "*certificate*"
	[ ! -e "$REGISTRY_AUTH_FILE" ]
	run_rl 125 login --get-login "$REGISTRY"
	mkdir "$BATS_TEST_TMPDIR/certs"
	cp "$REGISTRY_DIR/ca.crt" "$BATS_TEST_TMPDIR/certs"
	run -0 rl login -v -u alice --password-stdin --cert-dir "$BATS_TEST_TMPDIR/certs" "$REGISTRY" <<< s3cret
	like "$output" "*Used: $REGISTRY_AUTH_FILE*Login Succeeded!"
	is "$(stat -c %a "$REGISTRY_AUTH_FILE")" 600
	run_rl login --get-login "$REGISTRY"
	is "$output" alice
	run -0 rl login --tls-verify=false "$REGISTRY"
	like "$output" "*Already logged in*"
	run_rl push -q --cert-dir "$BATS_TEST_TMPDIR/certs" "$BB" "$REGISTRY/p/bb:1"
	run_rl 125 push -q --tls-verify=false --creds alice:wrong "$BB" "$REGISTRY/p/bb:1"
	like "$output" "*unauthorized: invalid username*"
	run_rl logout "$REGISTRY"
	run_rl 125 logout "$REGISTRY"
	run_rl 125 push -q --tls-verify=false "$BB" "$REGISTRY/p/bb:1"
	like "$output" "*unauthorized: authentication required*"
}

@test "login --secret and --compat-auth-file; logout --all" {
	registry_use secure
	printf s3cret | rl secret create alice -
	run_rl login --secret alice --tls-verify=false "$REGISTRY"
	run_rl login --get-login "$REGISTRY"
	is "$output" alice
	run_rl 125 login --secret none --tls-verify=false "$REGISTRY"
	like "$output" "*none*"
	rl secret rm alice
	run_rl login --compat-auth-file "$BATS_TEST_TMPDIR/config.json" -u alice -p s3cret --tls-verify=false "$REGISTRY"
	jq -e --arg r "$REGISTRY" '.auths[$r].auth' "$BATS_TEST_TMPDIR/config.json"
	run_rl logout --all
	is "$(jq '.auths | length' "$REGISTRY_AUTH_FILE")" 0
}

@test "a credential helper is used when it is configured, and logout --all empties it" {
	registry_use secure
	mkdir "$BATS_TEST_TMPDIR/bin"
	cat > "$BATS_TEST_TMPDIR/bin/docker-credential-t" <<- END
		#!/bin/sh
		f=$BATS_TEST_TMPDIR/kept
		case \$1 in
		store) cat > \$f ;;
		get) [ -s \$f ] && cat \$f || { echo "credentials not found in native keychain"; exit 1; } ;;
		erase) rm -f \$f ;;
		list) [ -s \$f ] && echo "{\"$REGISTRY\":\"alice\"}" || echo '{}' ;;
		esac
	END
	chmod +x "$BATS_TEST_TMPDIR/bin/docker-credential-t"
	export PATH=$BATS_TEST_TMPDIR/bin:$PATH
	echo "{\"credsStore\":\"t\"}" > "$REGISTRY_AUTH_FILE"
	run_rl login -u alice -p s3cret --tls-verify=false "$REGISTRY"
	like "$(cat "$BATS_TEST_TMPDIR/kept")" "*s3cret*"
	unlike "$(cat "$REGISTRY_AUTH_FILE")" "*auths*"
	run_rl push -q --tls-verify=false "$BB" "$REGISTRY/p/bb:2"
	run_rl logout --all
	[ ! -e "$BATS_TEST_TMPDIR/kept" ]
}
