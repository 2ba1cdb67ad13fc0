# SPDX-License-Identifier: Apache-2.0
# Image fixtures, made from Debian's packages and nothing else; no network.
#
# Every function writes an OCI image layout and is run once: the result is kept under
# $FIXTURES and shared by all tests. Needs: busybox-static, tar, gzip, sha256sum.
# A layer that needs foreign owners or capabilities is written by tests/integration/lib/mktar.

: "${FIXTURES:=${TMPDIR:-/tmp}/rootlet-fixtures-$(id -u)}"
export FIXTURES

fixture_arch() {
	case $(uname -m) in
	x86_64) echo amd64 ;;
	aarch64) echo arm64 ;;
	*) uname -m ;;
	esac
}

# fixture_once NAME FUNCTION ARGS...: runs FUNCTION TMPDIR ARGS once, prints the directory.
fixture_once() {
	local name=$1 fn=$2 dir
	shift 2
	dir=$FIXTURES/$name
	if [ ! -e "$dir" ]; then
		mkdir -p "$FIXTURES"
		(
			flock 9
			if [ ! -e "$dir" ]; then
				rm -rf "$dir.part"
				mkdir -p "$dir.part"
				"$fn" "$dir.part" "$@" >&2 || exit 1
				mv "$dir.part" "$dir"
			fi
		) 9> "$FIXTURES/$name.lock" || return 1
	fi
	echo "$dir"
}

# oci_begin DIR; oci_layer DIR TAR [none|gzip|zstd]; oci_end DIR TAG CONFIG_JSON
# CONFIG_JSON is the "config" object of the image, for example '{"Cmd":["sh"]}'.
oci_begin() {
	mkdir -p "$1/blobs/sha256"
	: > "$1/.layers"
	: > "$1/.diffs"
}

# oci_blob DIR FILE: moves FILE among the blobs; prints "DIGEST SIZE".
oci_blob() {
	local digest size
	digest=$(sha256sum "$2" | cut -d' ' -f1)
	size=$(stat -c %s "$2")
	chmod 0644 "$2"
	mv "$2" "$1/blobs/sha256/$digest"
	echo "$digest $size"
}

oci_layer() {
	local dir=$1 tar=$2 how=${3:-gzip} type=application/vnd.oci.image.layer.v1.tar diff packed
	diff=$(sha256sum "$tar" | cut -d' ' -f1)
	case $how in
	gzip) gzip -n -6 -c "$tar" > "$dir/.packed"; type=$type+gzip ;;
	zstd) zstd -q -c "$tar" > "$dir/.packed"; type=$type+zstd ;;
	none) cp "$tar" "$dir/.packed" ;;
	esac
	packed=$(oci_blob "$dir" "$dir/.packed")
	printf '{"mediaType":"%s","digest":"sha256:%s","size":%s}\n' "$type" "${packed% *}" \
		"${packed#* }" >> "$dir/.layers"
	printf '"sha256:%s"\n' "$diff" >> "$dir/.diffs"
}

oci_end() {
	local dir=$1 tag=$2 config=$3 c m
	printf '{"created":"2024-01-02T03:04:05Z","architecture":"%s","os":"linux","config":%s,"rootfs":{"type":"layers","diff_ids":[%s]},"history":[%s]}' \
		"$(fixture_arch)" "$config" "$(paste -sd, "$dir/.diffs")" \
		"$(sed 's/.*/{"created":"2024-01-02T03:04:05Z","created_by":"fixture"}/' "$dir/.diffs" | paste -sd,)" \
		> "$dir/.config"
	c=$(oci_blob "$dir" "$dir/.config")
	printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:%s","size":%s},"layers":[%s]}' \
		"${c% *}" "${c#* }" "$(paste -sd, "$dir/.layers")" > "$dir/.manifest"
	m=$(oci_blob "$dir" "$dir/.manifest")
	printf '{"imageLayoutVersion":"1.0.0"}' > "$dir/oci-layout"
	printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:%s","size":%s,"annotations":{"org.opencontainers.image.ref.name":"%s"}}]}' \
		"${m% *}" "${m#* }" "$tag" > "$dir/index.json"
	rm -f "$dir/.layers" "$dir/.diffs"
}

# fixture_tar OUT ROOT: the tree as a tar owned by 0:0 with sorted names and one time.
fixture_tar() {
	tar --create --file "$1" --directory "$2" --format=pax --sort=name --owner=0 --group=0 \
		--numeric-owner --mtime=@1704164645 --pax-option=delete=atime,delete=ctime .
}

# busybox_tree DIR: a root file system with every applet as a link in /bin.
busybox_tree() {
	local d=$1 a
	mkdir -p "$d"/{bin,sbin,etc,dev,proc,sys,tmp,root,home,var/tmp,usr/bin,usr/sbin,run}
	cp "$(command -v busybox)" "$d/bin/busybox"
	chmod 0755 "$d/bin/busybox"
	chmod 1777 "$d/tmp" "$d/var/tmp"
	for a in $("$d/bin/busybox" --list); do
		[ "$a" = busybox ] || ln -s busybox "$d/bin/$a"
	done
	printf 'root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\nuser:x:1000:1000:A User:/home/user:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n' > "$d/etc/passwd"
	printf 'root:x:0:\ndaemon:x:1:\nwheel:x:10:user\nuser:x:1000:\nextra:x:2000:user\nnogroup:x:65534:\n' > "$d/etc/group"
	mkdir -p "$d/home/user"
}

make_busybox() {
	local dir=$1 t
	t=$(mktemp -d)
	busybox_tree "$t/root"
	fixture_tar "$t/layer.tar" "$t/root"
	oci_begin "$dir"
	oci_layer "$dir" "$t/layer.tar" gzip
	oci_end "$dir" "${2:-latest}" \
		'{"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],"Cmd":["sh"]}'
	rm -rf "$t"
}

# fixture_busybox: the layout of the plain image most tests run.
fixture_busybox() {
	fixture_once busybox make_busybox latest
}

# One image with everything a layer can hold: three layers, whiteouts, an opaque directory,
# hard links, symlinks out of the tree, setuid, xattrs, a file capability, long names, a
# sparse file, a device node, foreign owners.
make_zoo() {
	local dir=$1 t lib
	lib=$(dirname "${BASH_SOURCE[0]}")
	t=$(mktemp -d)
	busybox_tree "$t/root"
	fixture_tar "$t/base.tar" "$t/root"
	oci_begin "$dir"
	oci_layer "$dir" "$t/base.tar" gzip
	python3 "$lib/mktar" zoo-lower "$t/lower.tar"
	oci_layer "$dir" "$t/lower.tar" zstd
	python3 "$lib/mktar" zoo-upper "$t/upper.tar"
	oci_layer "$dir" "$t/upper.tar" none
	oci_end "$dir" latest '{"Env":["PATH=/bin","ZOO=open"],"Entrypoint":["/bin/sh","-c"],"Cmd":["echo zoo"],"WorkingDir":"/zoo","User":"1000:1000","Labels":{"org.example.kind":"zoo"},"ExposedPorts":{"8080/tcp":{},"53/udp":{}},"Volumes":{"/zoo/volume":{}},"StopSignal":"SIGUSR1"}'
	rm -rf "$t"
}

fixture_zoo() {
	fixture_once zoo make_zoo
}

# A Debian made by debootstrap, as one layer. Needs root or unshare; kept for the whole run
# (and by DEBIAN_TAR across runs). debootstrap takes a minute, so only tests tagged for it ask.
make_debian() {
	local dir=$1
	[ -r "${DEBIAN_TAR:-}" ] || return 1
	oci_begin "$dir"
	oci_layer "$dir" "$DEBIAN_TAR" gzip
	oci_end "$dir" latest '{"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],"Cmd":["bash"]}'
}

fixture_debian() {
	fixture_once debian make_debian
}
