# SPDX-License-Identifier: Apache-2.0
# Malicious images: a layer on top of the plain one, made of a directory or by mktar.
load ../integration/lib/common

# evil_image NAME CONFIG_JSON [TAR...]: the busybox layer, then each TAR.
evil_image() {
	local name=$1 config=$2 d=$BATS_TEST_TMPDIR/evil-$RANDOM base t
	shift 2
	base=$(fixture_once busybox-layer make_busybox_layer) || return 1
	oci_begin "$d"
	oci_layer "$d" "$base/layer.tar" gzip
	for t; do oci_layer "$d" "$t" none; done
	oci_end "$d" latest "$config"
	tar -C "$d" --transform 's,^\./,,' -cf "$d.tar" .
	skopeo --insecure-policy copy -q "oci:$d:latest" "oci-archive:$d.oci.tar:localhost/$name:latest" &&
		rl load -q -i "$d.oci.tar"
}

make_busybox_layer() {
	busybox_tree "$1/root"
	fixture_tar "$1/layer.tar" "$1/root"
	rm -rf "$1/root"
}

# entries FILE PYTHON...: a tar made by lines like: sym("a","b"); file("c","data"); dir("d")
entries() {
	local out=$1
	shift
	python3 -c '
import io, sys, tarfile
t = tarfile.open(sys.argv[1], "w", format=tarfile.PAX_FORMAT)
def put(name, type, mode, link="", data=b""):
    e = tarfile.TarInfo(name); e.type = type; e.mode = mode; e.linkname = link; e.size = len(data)
    t.addfile(e, io.BytesIO(data))
def file(name, data="", mode=0o644): put(name, tarfile.REGTYPE, mode, data=data.encode())
def dir(name, mode=0o755): put(name, tarfile.DIRTYPE, mode)
def sym(name, to): put(name, tarfile.SYMTYPE, 0o777, to)
def hard(name, to): put(name, tarfile.LNKTYPE, 0o644, to)
exec("\n".join(sys.argv[2:]))
t.close()' "$out" "$@"
}

# In the directory of this run, so that two of them do not meet: on the file system of the store, or
# no hard link could be made to it.
BAIT_DIR=${TMPDIR:-/var/tmp}
export BAIT=$BAIT_DIR/bait-$(id -u)

# What the hostile archives aim at; nothing of it may appear or change.
bait() {
	unbait
	echo victim > $BAIT-victim
	mkdir -p $BAIT-victim-dir
	echo inside > $BAIT-victim-dir/inside
	BAIT_WAS=$(bait_stat)
}

# Modes, owners, links, sizes, times.
bait_stat() {
	stat -c '%n %f %u %g %h %s %Y %Z' $BAIT-victim $BAIT-victim-dir $BAIT-victim-dir/inside
}

bait_is_whole() {
	[ ! -e $BAIT-escaped ] && [ ! -L $BAIT-escaped ] || { echo "escaped!"; return 1; }
	is "$(cat $BAIT-victim)" victim
	is "$(cat $BAIT-victim-dir/inside)" inside
	is "$(ls -A $BAIT-victim-dir)" inside
	is "$(bait_stat)" "$BAIT_WAS"
}

# start_swapper FILE TO [FILE TO...]: swaps each FILE and a link to TO next to it, much faster than a
# shell could, until stop_swapper (in the teardown too).
start_swapper() {
	python3 -c '
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
pairs = [(a.encode(), a.encode() + b".swap") for a in sys.argv[1::2]]
for (a, b), to in zip(pairs, sys.argv[2::2]): os.symlink(to, b)
while True:
    for a, b in pairs: libc.renameat2(-100, a, -100, b, 2)' "$@" 3>&- &
	swapper=$!
}

stop_swapper() {
	[ -z "${swapper:-}" ] || kill "$swapper" 2> /dev/null || true
	swapper=
}

unbait() {
	rm -rf $BAIT-escaped $BAIT-up $BAIT-victim $BAIT-victim-dir
}
