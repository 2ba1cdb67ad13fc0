#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Images: pull from a real registry, load, save, import, tag, list, inspect, remove.

load lib/common
setup_file() {
	common_setup_file
	export REGISTRY_BASE=$BATS_FILE_TMPDIR
	registry_start plain
	registry_push "$(fixture_busybox)" bb:1
	registry_push "$(fixture_busybox)" team/bb:latest
	registry_push "$(fixture_zoo)" zoo:1
	registry_start secure tls auth
	registry_push "$(fixture_busybox)" private:1
}
teardown_file() {
	registry_stop plain
	registry_stop secure
	common_teardown_file
}
setup() { common_setup; registry_use plain; }
teardown() { common_teardown; }

@test "pull prints the id; the image runs" {
	run_rl pull -q --tls-verify=false "$REGISTRY/bb:1"
	id=${lines[-1]}
	like "$id" "????????????????????????????????????????????????????????????????"
	run_rl images --no-trunc -q "$REGISTRY/bb:1"
	is "${output#sha256:}" "$id"
	run_rl run --rm --network=none "$REGISTRY/bb:1" echo pulled
	is "$output" pulled
	run_rl rmi "$REGISTRY/bb:1"
}

@test "pull: no tag is latest, a digest is exact, both are refused when wrong" {
	run_rl pull -q --tls-verify=false "$REGISTRY/team/bb"
	run_rl image exists "$REGISTRY/team/bb:latest"
	digest=$(rl inspect --type image --format '{{.Digest}}' "$REGISTRY/team/bb:latest")
	like "$digest" "sha256:*"
	run_rl rmi "$REGISTRY/team/bb:latest"
	run_rl pull -q --tls-verify=false "$REGISTRY/team/bb@$digest"
	run_rl run --rm --network=none "$REGISTRY/team/bb@$digest" true
	run_rl 125 pull -q --tls-verify=false "$REGISTRY/team/bb@sha256:$(printf '0%.0s' $(seq 64))"
	run_rl rmi -f "$REGISTRY/team/bb@$digest"
}

@test "pull: what is not there is an error that names it" {
	run_rl 125 pull -q --tls-verify=false "$REGISTRY/no/such:1"
	like "$output" "*no/such*"
	run_rl 125 pull -q --tls-verify=false "$REGISTRY/bb:no-such-tag"
	like "$output" "*no-such-tag*"
	run_rl 125 pull -q --tls-verify=false "localhost:1/bb:1"
	like "$output" "*localhost:1*"
	run_rl 125 pull -q 'UPPER/Case:1'
	run_rl 125 pull -q 'x:bad:tag:here'
}

@test "pull: plain HTTP wants --tls-verify=false" {
	run_rl 125 pull -q "$REGISTRY/bb:1"
	like "$output" "*$REGISTRY*"
}

@test "pull: TLS and a password" {
	registry_use secure
	run_rl 125 pull -q --tls-verify=false "$REGISTRY/private:1"
	like "$output" "*uth*"
	run_rl pull -q --tls-verify=false --creds alice:s3cret "$REGISTRY/private:1"
	run_rl rmi "$REGISTRY/private:1"
	run_rl 125 pull -q --tls-verify=false --creds alice:wrong "$REGISTRY/private:1"
	# An unknown authority is refused, a named one is taken.
	run_rl 125 pull -q --creds alice:s3cret "$REGISTRY/private:1"
	like "$output" "*certificate*"
	mkdir certs
	cp "$REGISTRY_DIR/ca.crt" certs/
	run_rl pull -q --cert-dir certs --creds alice:s3cret "$REGISTRY/private:1"
	run_rl rmi "$REGISTRY/private:1"
}

@test "pull: credentials from auth.json and from docker's config.json" {
	registry_use secure
	auth=$(printf 'alice:s3cret' | base64)
	printf '{"auths":{"%s":{"auth":"%s"}}}' "$REGISTRY" "$auth" > auth.json
	run_rl pull -q --tls-verify=false --authfile auth.json "$REGISTRY/private:1"
	run_rl rmi "$REGISTRY/private:1"
	mkdir -p "$HOME/.docker"
	cp auth.json "$HOME/.docker/config.json"
	run_rl pull -q --tls-verify=false "$REGISTRY/private:1"
	run_rl rmi "$REGISTRY/private:1"
	rm -r "$HOME/.docker"
	REGISTRY_AUTH_FILE=$PWD/auth.json run_rl pull -q --tls-verify=false "$REGISTRY/private:1"
	run_rl rmi "$REGISTRY/private:1"
	printf '{"auths":{"%s":{"auth":"%s"}}}' "$REGISTRY" "$(printf 'alice:no' | base64)" > bad.json
	run_rl 125 pull -q --tls-verify=false --authfile bad.json "$REGISTRY/private:1"
}

@test "run pulls what is missing; --pull policies" {
	run_rl run --rm --network=none --tls-verify=false -q "$REGISTRY/bb:1" echo ran || is_peer
	run_rl run --rm --network=none --pull=never "$REGISTRY/bb:1" echo again
	is "${lines[-1]}" again
	run_rl rmi "$REGISTRY/bb:1"
	run_rl 125 run --rm --network=none --pull=never "$REGISTRY/bb:1" echo again
	run_rl 125 run --rm --network=none --pull=sometimes $BB true
}

@test "run: the output of an implicit pull does not mix with the payload's" {
	out=$(rl run --rm --network=none --tls-verify=false "$REGISTRY/bb:1" echo payload 2> /dev/null)
	is "$out" payload
	run_rl rmi "$REGISTRY/bb:1"
}

@test "two names, one image: untag, rmi by name, by id" {
	run_rl tag $BB other:v1
	run_rl image exists other:v1
	run_rl image exists localhost/other:v1
	a=$(rl images -q --no-trunc $BB)
	is "$(rl images -q --no-trunc other:v1)" "$a"
	run_rl rmi other:v1
	like "$output" "*ntagged*other:v1*"
	run_rl 1 image exists other:v1
	run_rl image exists $BB
	run_rl tag $BB x:1 x:2
	run_rl untag x:1 x:1
	run_rl 1 image exists x:1
	run_rl image exists x:2
	run_rl rmi x:2
	run_rl 1 rmi no-such-image-here
	like "$output" "*no-such-image-here*"
}

@test "rmi: an image in use is exit 2, -f takes its containers along" {
	run_rl tag $BB used:1
	run_rl import "$(fixture_tiny_tar)" tiny:1
	run_rl create --network=none --name user tiny:1 /x
	run_rl 2 rmi tiny:1
	like "$output" "*in use*"
	run_rl rmi -f tiny:1
	# Gone already: by force that is no error.
	run_rl rmi -f tiny:1
	run_rl 1 rmi tiny:1
	run_rl 1 container exists user
	run_rl rmi used:1
}

fixture_tiny_tar() {
	mkdir -p tiny/dir
	echo hello > tiny/dir/file
	tar -C tiny -cf tiny.tar .
	echo tiny.tar
}

@test "images: table, --format, json, filters, -q" {
	run_rl images
	like "${lines[0]}" "REPOSITORY*TAG*IMAGE ID*CREATED*SIZE"
	like "$output" "*localhost/bb*latest*"
	run_rl images --format '{{.Repository}}:{{.Tag}}'
	like "$output" "*$BB*"
	run_rl images --format json
	is "$(echo "$output" | jq -r '.[0].Names[0]')" "$BB"
	echo "$output" | jq -e '.[0] | .Id and .Size and .Created' > /dev/null
	run_rl images --noheading
	unlike "$output" "*REPOSITORY*"
	run_rl images --filter reference=localhost/bb -q
	[ -n "$output" ]
	run_rl images --filter reference=nothing-like-it -q
	is "$output" ""
	run_rl images --filter dangling=true -q
	is "$output" ""
}

@test "inspect: the fields programs read" {
	run_rl pull -q --tls-verify=false "$REGISTRY/zoo:1"
	run_rl image inspect "$REGISTRY/zoo:1"
	is "$(echo "$output" | jq -r '.[0].Config.User')" 1000:1000
	is "$(echo "$output" | jq -r '.[0].Config.WorkingDir')" /zoo
	is "$(echo "$output" | jq -r '.[0].Config.Labels["org.example.kind"]')" zoo
	is "$(echo "$output" | jq -r '.[0].Config.StopSignal')" SIGUSR1
	is "$(echo "$output" | jq -r '.[0].Config.ExposedPorts | keys | join(" ")')" "53/udp 8080/tcp"
	is "$(echo "$output" | jq -r '.[0].Config.Volumes | keys[0]')" /zoo/volume
	is "$(echo "$output" | jq -r '.[0].RootFS.Layers | length')" 3
	is "$(echo "$output" | jq -r '.[0].Architecture')" "$(fixture_arch)"
	run_rl image inspect --format '{{.Os}}/{{len .RootFS.Layers}}' "$REGISTRY/zoo:1"
	is "$output" linux/3
	run_rl history --format '{{.CreatedBy}}' "$REGISTRY/zoo:1"
	is "${#lines[@]}" 3
	run_rl rmi "$REGISTRY/zoo:1"
}

@test "save and load: docker-archive, oci-archive, stdin, several images" {
	run_rl tag $BB saved:1
	for format in docker-archive oci-archive; do
		run_rl save --format $format -o "$format.tar" saved:1
		skopeo inspect --raw "$format:$format.tar" > /dev/null
	done
	id=$(rl images -q --no-trunc saved:1)
	run_rl rmi -f saved:1
	for format in docker-archive oci-archive; do
		run_rl load -i $format.tar
		like "$output" "*oaded image*saved:1*"
		is "$(rl images -q --no-trunc saved:1)" "$id"
		run_rl run --rm --network=none saved:1 echo ok
		is "$output" ok
		run_rl rmi saved:1
	done
	rl load < docker-archive.tar
	run_rl image exists localhost/saved:1
	rl save saved:1 > out.tar
	tar tf out.tar > /dev/null
	run_rl rmi saved:1
	run_rl 125 load -i /no/such/file
	head -c 5000 /dev/urandom > junk
	run_rl 125 load -i junk
}

@test "import: a tar, with changes, from stdin" {
	mkdir -p t/bin t/etc
	cp "$(command -v busybox)" t/bin/busybox
	ln -s busybox t/bin/sh
	tar -C t -cf t.tar .
	run_rl import -c 'CMD ["/bin/sh","-c","echo imported"]' -c 'ENV X=y' -c 'LABEL l=m' -m 'a note' t.tar imp:1
	run_rl run --rm --network=none imp:1
	is "$output" imported
	run_rl image inspect --format '{{index .Config.Env 0}} {{index .Config.Labels "l"}} {{.Comment}}' imp:1
	like "$output" "X=y m *"
	run_rl rmi imp:1
	gzip -c t.tar | rl import - imp:2
	run_rl run --rm --network=none imp:2 /bin/sh -c 'echo $0'
	run_rl rmi imp:2
}

@test "a broken layer, a wrong digest, a truncated blob: refused, nothing left" {
	# A store of its own: a layer that is there already is not read again.
	local ROOT=$BATS_TEST_TMPDIR/store
	for how in flip cut header; do
		rm -rf l
		cp -r "$(fixture_busybox)" l
		blob=$(ls -S l/blobs/sha256/* | head -1)
		case $how in
		flip) printf 'X' | dd of="$blob" bs=1 seek=1000 conv=notrunc status=none ;;
		cut) truncate -s 100000 "$blob" ;;
		# Of the same size and with the same content: nothing but its digest is wrong.
		header) printf 'XXXX' | dd of="$blob" bs=1 seek=4 conv=notrunc status=none ;;
		esac
		tar -C l -cf l.tar .
		run_rl '?' load -i l.tar
		[ "$status" -ne 0 ]
		is "$(find "$ROOT"/{layers,images,tmp} -mindepth 1 -maxdepth 1 -not -name names 2> /dev/null)" ""
		run_rl images -aq
		is "$output" ""
	done
	remove_store "$ROOT"
}

@test "8 pulls at once of one image" {
	for i in 1 2 3 4 5 6 7 8; do
		rl pull -q --tls-verify=false "$REGISTRY/zoo:1" > pull.$i 2>&1 3>&- &
		pids[$i]=$!
	done
	for i in 1 2 3 4 5 6 7 8; do
		wait "${pids[$i]}"
		is "$(tail -1 pull.$i)" "$(tail -1 pull.1)"
	done
	run_rl rmi "$REGISTRY/zoo:1"
}

@test "short names: an alias of registries.conf, an unqualified search registry" {
	mkdir -p "$HOME/.config/containers"
	cat > "$HOME/.config/containers/registries.conf" <<-EOT
		unqualified-search-registries = ["$REGISTRY"]
		short-name-mode = "permissive"
		[aliases]
		"nick" = "$REGISTRY/team/bb"
		[[registry]]
		location = "$REGISTRY"
		insecure = true
	EOT
	run_rl pull -q nick
	run_rl image exists "$REGISTRY/team/bb:latest"
	run_rl pull -q zoo:1
	run_rl image exists "$REGISTRY/zoo:1"
	run_rl rmi "$REGISTRY/team/bb:latest" "$REGISTRY/zoo:1"
	rm "$HOME/.config/containers/registries.conf"
}

@test "image prune takes what has no name" {
	run_rl import "$(fixture_tiny_tar)" tiny:1
	id=$(rl images -q --no-trunc tiny:1)
	run_rl untag tiny:1
	run_rl images -q --filter dangling=true --no-trunc
	like "$output" "*$id*"
	run_rl image prune -f
	run_rl images -q --filter dangling=true
	is "$output" ""
	run_rl image exists $BB
}
