#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Hostile archives: refused or harmless, and nothing is left beside the store.

load helpers
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; bait; }
teardown() { unbait; rl rmi -f localhost/evil > /dev/null 2>&1; common_teardown; }

# attack KIND PATTERN: refused in one line like that. attack KIND: unpacked inside, and its image runs.
attack() {
	"$LIB/mktar" "$1" evil.tar
	run evil_image evil '{"Env":["PATH=/bin"],"Cmd":["true"]}' evil.tar
	if [ -n "${2:-}" ]; then
		[ "$status" -ne 0 ]
		like "${lines[-1]}" "rootlet: *$2*"
		is "$(find "$ROOT/tmp" -mindepth 1 2> /dev/null)" ""
	else
		[ "$status" -eq 0 ] || { echo "$output"; false; }
		run_rl run --rm --network=none --entrypoint /bin/busybox localhost/evil true
	fi
	bait_is_whole
	is "$(python3 -c 'import os, sys; print(*os.listxattr(sys.argv[1]))' "$BAIT-victim-dir")" ""
}

# in_image PATH: what is there of an image that was taken.
in_image() {
	run_rl run --rm --network=none --entrypoint /bin/busybox localhost/evil "$@"
}

@test "CVE-2014-9357: a name with .." { attack evil-dotdot "leads upwards"; }
@test "an absolute name" { attack evil-absolute "is an absolute name"; }
@test "CVE-2014-6407: a file through a symbolic link to a directory" {
	attack evil-symlink-dir
	in_image cat "$BAIT-escaped"
	is "$output" escaped
}
@test "a file through a relative symbolic link" {
	attack evil-symlink-up
	in_image cat "$BAIT-escaped"
	is "$output" escaped
}
@test "a chain of links and .." { attack evil-symlink-chain "leads upwards"; }
@test "a file over a symbolic link" {
	attack evil-symlink-overwrite
	in_image cat /victim
	is "$output" escaped
}
@test "a hard link to a file of the host" { attack evil-hardlink "is an absolute name"; }
@test "a hard link with .." { attack evil-hardlink-up "leads upwards"; }
@test "CVE-2014-9356: a hard link through a symbolic link" {
	attack evil-hardlink-through-symlink "no such file or directory"
}
@test "a whiteout of .. and ." { attack evil-whiteout-dotdot "is a whiteout of nothing"; }
@test "a whiteout through a symbolic link" { attack evil-whiteout-symlink; }
@test "an opaque directory through a symbolic link" { attack evil-opaque-symlink; }
@test "overlay's own xattrs in an image mean nothing" {
	attack evil-xattr-overlay
	run python3 -c '
import os, sys
print(*sorted(f + str([x for x in os.listxattr(os.path.join(d, f)) if "overlay" in x])
    for d, dirs, files in os.walk(sys.argv[1]) for f in files if f in ("x", "y", "z")))' "$ROOT/layers"
	is "$output" "x[] y[] z[]"
}
@test "3000 directories deep" { attack evil-many-dirs "is nested too deep"; }
@test "the root itself as a symbolic link" { attack evil-root-symlink "is the root, but no directory"; }

# put_blob LAYOUT FILE: moves it to its name; prints the digits and the size.
put_blob() {
	local n s
	n=$(sha256sum "$2" | cut -d' ' -f1)
	s=$(stat -c %s "$2")
	mv "$2" "$1/blobs/sha256/$n"
	echo "$n $s"
}

@test "a manifest that lies about sizes" {
	local ROOT=$BATS_TEST_TMPDIR/store d=$BATS_TEST_TMPDIR/l m n s lie
	for lie in '.layers[0].size = 99999999999999' '.layers[0].size = 1' '.config.size += 1' \
			'.config.size = 1' manifest; do
		rm -rf "$d"
		cp -r "$(fixture_busybox)" "$d"
		m=$(jq -r '.manifests[0].digest' "$d/index.json" | cut -d: -f2)
		if [ "$lie" = manifest ]; then
			n=$m s=1
		else
			jq -c "$lie" "$d/blobs/sha256/$m" > new
			read -r n s < <(put_blob "$d" new)
		fi
		jq -c ".manifests[0].digest = \"sha256:$n\" | .manifests[0].size = $s" "$d/index.json" > i
		mv i "$d/index.json"
		tar -C "$d" -cf l.tar .
		run_rl 125 load -i l.tar
		like "$output" "*descriptor says*"
		[[ $output != *TB* ]]
		if [ "$lie" != manifest ]; then
			mkdir -p dir
			cp "$d"/blobs/sha256/* dir
			cp "$d/blobs/sha256/$n" dir/manifest.json
			run_rl 125 pull "dir:$PWD/dir"
			like "$output" "*descriptor says*"
		fi
	done
	remove_store "$ROOT"
}

@test "CVE-2024-3727: digests that are paths" {
	d=$BATS_TEST_TMPDIR/l
	mkdir -p "$d/blobs/sha256"
	echo '{"imageLayoutVersion":"1.0.0"}' > "$d/oci-layout"
	for evil in 'sha256:../../../../etc/passwd' '../../x:y' 'sha256:' 'md5:abc' ''; do
		printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"%s","size":5}]}' "$evil" > "$d/index.json"
		tar -C "$d" -cf l.tar .
		run_rl '?' load -i l.tar
		[ "$status" -ne 0 ]
	done
}

@test "a gzip bomb ends in an error or in quota, not in a full disk" {
	# 8 GiB of zeros as 8 MB of gzip: more than a test store may take is not written twice.
	d=$BATS_TEST_TMPDIR/bomb
	oci_begin "$d"
	python3 - bomb.tar.gz <<-'PY'
		import gzip, sys, tarfile, io
		with gzip.open(sys.argv[1], "wb", 9) as z:
		    e = tarfile.TarInfo("zeros"); e.size = 1 << 62
		    z.write(e.tobuf(tarfile.GNU_FORMAT))
		    block = bytes(1 << 20)
		    for i in range(64): z.write(block)
	PY
	b=$(oci_blob "$d" bomb.tar.gz)
	printf '{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:%s","size":%s}\n' "${b% *}" "${b#* }" >> "$d/.layers"
	printf '"sha256:%064d"\n' 1 >> "$d/.diffs"
	oci_end "$d" latest '{}'
	tar -C "$d" -cf bomb.tar .
	run_rl 125 load -i bomb.tar
	like "$output" "*unpacks to more than the * MB that are left*"
	is "$(find "$ROOT/tmp" -mindepth 1 2> /dev/null)" ""
}
