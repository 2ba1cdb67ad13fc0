#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Archives and layouts in and out, policy.json, mirrors, pull policies, the image that comes along.

load lib/common
setup_file() {
	need skopeo jq xz zstd
	common_setup_file noimage
	export REGISTRY_BASE=$BATS_FILE_TMPDIR
	registry_start plain
	registry_push "$(fixture_busybox)" bb:1
	registry_push "$(fixture_busybox)" bb:2
	registry_push "$(fixture_zoo)" zoo:1
	rl pull -q --tls-verify=false "$REGISTRY/zoo:1" > "$BATS_FILE_TMPDIR/zoo-id"
}
teardown_file() {
	registry_stop plain
	common_teardown_file
}
setup() { common_setup; registry_use plain; ZOO=$REGISTRY/zoo:1; }
teardown() {
	rm -rf "$HOME/.config/containers"
	common_teardown
}

# other ARGS: a second, empty store.
other() {
	"$ROOTLET" --root "$BATS_TEST_TMPDIR/other" "$@"
}

@test "save: the layers are the archives that were pulled, byte for byte" {
	run_rl save -o zoo.tar "$ZOO"
	mkdir x
	tar -C x -xf zoo.tar
	is "$(cd x; for f in $(jq -r '.[0].Layers[]' manifest.json); do sha256sum < "$f"; done | cut -d' ' -f1)" \
		"$(jq -r '.rootfs.diff_ids[]' "x/$(jq -r '.[0].Config' x/manifest.json)" | cut -d: -f2)"
	is "sha256:$(sha256sum < "x/$(jq -r '.[0].Config' x/manifest.json)" | cut -d' ' -f1)" \
		"sha256:$(cat "$BATS_FILE_TMPDIR/zoo-id")"
	is "$(jq -r '.[0].RepoTags[0]' x/manifest.json)" "$ZOO"
}

@test "save: every format is read by skopeo and loaded again as the same image" {
	for f in docker-archive oci-archive oci-dir docker-dir; do
		run_rl save -q --format $f -o "out-$f" "$ZOO"
		case $f in
		oci-dir) skopeo inspect --config "oci:out-$f" > config ;;
		docker-dir) skopeo inspect --config "dir:out-$f" > config ;;
		*) skopeo inspect --config "$f:out-$f" > config ;;
		esac
		is "$(jq -r '.config.Labels["org.example.kind"]' config)" zoo
		run -0 other load -q -i "out-$f"
		is "$(other images -q --no-trunc)" "sha256:$(cat "$BATS_FILE_TMPDIR/zoo-id")"
		remove_store other
	done
	run_rl save --format oci-dir --uncompressed -o plain "$ZOO"
	is "$(jq -r '.layers[].mediaType' plain/blobs/sha256/"$(jq -r '.manifests[0].digest[7:]' plain/index.json)" | sort -u)" \
		application/vnd.oci.image.layer.v1.tar
	run_rl save --format docker-dir --compress -o packed "$ZOO"
	like "$(jq -r '.layers[0].mediaType' packed/manifest.json)" "*.gzip"
}

@test "save: errors, and nothing half made" {
	run_rl 125 save -o no.tar no/such:image
	[ ! -e no.tar ]
	mkdir full
	touch full/of
	run_rl 125 save --format oci-dir -o full "$ZOO"
	like "$output" "*not empty*"
	run_rl 125 save --format zip -o no.tar "$ZOO"
	like "$output" "*docker-archive*"
	run_rl 125 save -o /no/such/dir/x.tar "$ZOO"
	like "$output" "*/no/such/dir/x.tar*"
	is "$(ls | grep -c rootlet)" 0
}

@test "load: compressed archives, from a file and from a pipe" {
	run_rl save -q -o zoo.tar "$ZOO"
	gzip -1 -k zoo.tar
	xz -0 -k zoo.tar
	zstd -q -1 -k zoo.tar
	for f in zoo.tar zoo.tar.gz zoo.tar.xz zoo.tar.zst; do
		run -0 other load -i $f
		like "$output" "*Loaded image: $ZOO*"
		remove_store other
		other load -q < $f > out
		is "$(cat out)" "Loaded image: $ZOO"
		remove_store other
	done
}

@test "load and save of several images in one archive" {
	run_rl pull -q --tls-verify=false "$REGISTRY/bb:1"
	run_rl tag "$REGISTRY/bb:1" second/name:v2
	run_rl save -q -o both.tar "$ZOO" "$REGISTRY/bb:1" second/name:v2
	is "$(tar xOf both.tar manifest.json | jq length)" 2
	run -0 other load -q -i both.tar
	is "${#lines[@]}" 3
	other image exists localhost/second/name:v2
	remove_store other
	run_rl rmi -f "$REGISTRY/bb:1"
}

@test "pull: archives and layouts as transports" {
	l=$(fixture_busybox)
	skopeo --insecure-policy copy -q "oci:$l:latest" docker-archive:d.tar:some/bb:v1
	run -0 other pull -q docker-archive:d.tar
	other image exists some/bb:v1
	id=${lines[-1]}
	run -0 other pull -q "oci:$l:latest"
	is "${lines[-1]}" "$id"
	run -125 other pull -q "oci:$l:nothing"
	like "$output" "*nothing*"
	remove_store other
}

@test "load: what is no image archive is said to be none" {
	echo x > f
	tar cf t.tar f
	run_rl 125 load -i t.tar
	like "$output" "*rootlet import*"
	is_one_error
	tar cf empty.tar -T /dev/null
	run_rl 125 load -i empty.tar
	echo '[{"Config":"../../etc/passwd","Layers":["x"]}]' > manifest.json
	tar cf evil.tar manifest.json
	run_rl 125 load -i evil.tar
	like "$output" "*there is no ../../etc/passwd*"
	mkdir evil
	ln -s /etc/passwd evil/index.json
	run_rl 125 load -i evil
	unlike "$output" "*root:x*"
}

@test "policy.json: reject, and signatures are not waved through" {
	mkdir -p "$HOME/.config/containers"
	p=$HOME/.config/containers/policy.json
	printf '{"default":[{"type":"reject"}],"transports":{"docker":{"%s/bb":[{"type":"insecureAcceptAnything"}],"%s/zoo":[{"type":"signedBy","keyType":"GPGKeys","keyPath":"/k"}]}}}' "$REGISTRY" "$REGISTRY" > "$p"
	run -0 other pull -q --tls-verify=false "$REGISTRY/bb:1"
	run -125 other pull -q --tls-verify=false "$REGISTRY/zoo:1"
	like "$output" "*signature*not supported yet*"
	run -125 other pull -q --tls-verify=false "$REGISTRY/other:1"
	like "$output" "*rejects*"
	run_rl save -q -o zoo.tar "$ZOO"
	run -125 other load -q -i zoo.tar
	like "$output" "*rejects*"
	remove_store other
}

@test "registries.conf: insecure, a mirror before the registry, and the registry when the mirror fails" {
	mkdir -p "$HOME/.config/containers"
	printf '[[registry]]\nlocation="%s"\ninsecure=true\n[[registry]]\nprefix="example.invalid/team"\nlocation="%s"\ninsecure=true\n[[registry.mirror]]\nlocation="localhost:1/none"\n' \
		"$REGISTRY" "$REGISTRY" > "$HOME/.config/containers/registries.conf"
	run -0 other pull -q "$REGISTRY/bb:1"
	run -0 other pull -q example.invalid/team/bb:1
	like "$output" "*localhost:1*trying*"
	other image exists example.invalid/team/bb:1
	remove_store other
}

@test "pull policies and all tags" {
	run -125 other pull -q --policy never "$REGISTRY/bb:1"
	run -0 other pull -q --tls-verify=false --policy missing "$REGISTRY/bb:1"
	# It is here now: no registry is asked, and newer gets along without one.
	run -0 other pull -q --policy missing "$REGISTRY/bb:1"
	run -0 other pull -q --retry 0 --policy newer "$REGISTRY/bb:1"
	like "$output" "*the local image is used*"
	run -125 other pull -q --retry 0 --policy always "$REGISTRY/bb:1"
	run -125 other pull -q --policy sometimes "$REGISTRY/bb:1"
	run -0 other pull -q --tls-verify=false --all-tags "$REGISTRY/bb"
	other image exists "$REGISTRY/bb:2"
	remove_store other
}

@test "pull: the image of a list that is for this machine, or for another on demand" {
	l=$(fixture_busybox)
	cp -r "$l" multi
	m=$(jq -r '.manifests[0].digest' multi/index.json)
	size=$(jq -r '.manifests[0].size' multi/index.json)
	printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:%064d","size":9,"platform":{"os":"linux","architecture":"s390x"}},{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"%s","size":%s,"platform":{"os":"linux","architecture":"%s"}}]}' \
		0 "$m" "$size" "$(fixture_arch)" > list
	d=$(sha256sum list | cut -d' ' -f1)
	printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.index.v1+json","digest":"sha256:%s","size":%s}]}' \
		"$d" "$(stat -c %s list)" > multi/index.json
	cp list "multi/blobs/sha256/$d"
	run -0 other load -q -i multi
	run -125 other pull -q --platform linux/s390x oci:multi
	like "$output" "*0000*"
	run -125 other pull -q --arch mips oci:multi
	like "$output" "*s390x*"
	remove_store other
}

@test "run and create take an archive or a layout; an id that is not here is not looked for elsewhere" {
	l=$(fixture_busybox)
	skopeo --insecure-policy copy -q "oci:$l:latest" oci-archive:b.tar:localhost/from/archive:1
	run -0 --separate-stderr other run --rm --network=none oci-archive:b.tar echo ran
	is "$output" ran
	other create -q --network=none --name c "oci-archive:$PWD/b.tar" true
	run -0 other ps -a --format '{{.Image}}'
	is "$output" localhost/from/archive:1
	other rm c
	none=$(printf '%064d' 0)
	run -125 other run --rm --network=none "sha256:$none" true
	is "$output" "rootlet: sha256:$none: image not known"
	run -125 other run --rm --network=none dir:nothing true
	like "$output" "*open nothing: no such file or directory"
	run -125 other load -i fs.tar
	is "$output" "rootlet: stat fs.tar: no such file or directory"
	echo x > fs.tar
	run -125 other load -i fs.tar
	like "$output" "rootlet: payload does not match any of the supported image formats: *"
	remove_store other
}

@test "one image of an archive of several: by its name as people shorten it, and by its place" {
	run_rl tag "$ZOO" docker.io/library/first:latest
	tar -cf fs.tar --files-from /dev/null
	run_rl import -q fs.tar second:1
	run_rl save -q -m -o two.tar first:latest second:1
	run -0 other pull -q docker-archive:two.tar:first
	is "$output" "$(cat "$BATS_FILE_TMPDIR/zoo-id")"
	run -0 other images --format '{{.Repository}}'
	is "$output" docker.io/library/first
	run -0 other pull -q docker-archive:two.tar:@1
	run -0 other image exists localhost/second:1
	run -125 other pull -q docker-archive:two.tar:@2
	like "$output" "*no image called '@2'*"
	run_rl rmi second:1 docker.io/library/first
	remove_store other
}

@test "hello is there without a registry" {
	run -0 other run --rm --network=none hello
	like "$output" "*Hello from*"
	other image exists localhost/hello:latest
	remove_store other
}
