#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A layer whose archive names a file twice: the last one counts, and save gives the same bytes again.

load lib/common
setup_file() {
	need python3 jq skopeo
	common_setup_file noimage
}
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

# make_archive FILE: a docker-archive with one such layer.
make_archive() {
	python3 - "$1" <<- 'END'
		import hashlib, io, json, sys, tarfile
		def add(t, name, data=None, **kw):
		    i = tarfile.TarInfo(name)
		    for k, v in kw.items(): setattr(i, k, v)
		    i.size = len(data) if data is not None else 0
		    t.addfile(i, io.BytesIO(data) if data is not None else None)
		b = io.BytesIO()
		with tarfile.open(fileobj=b, mode="w") as t:
		    add(t, "f", b"first" * 5000, mode=0o600)
		    add(t, "d", type=tarfile.DIRTYPE, mode=0o755)
		    add(t, "d/in", b"inside", mode=0o644)
		    add(t, "f", b"second", mode=0o644)
		    add(t, "h", type=tarfile.LNKTYPE, linkname="f")
		    add(t, "f", b"third", mode=0o644)
		    add(t, "d", b"no directory", mode=0o644)
		layer = b.getvalue()
		diff = "sha256:" + hashlib.sha256(layer).hexdigest()
		config = json.dumps({"architecture": "amd64", "os": "linux", "config": {},
		                     "rootfs": {"type": "layers", "diff_ids": [diff]}}).encode()
		with tarfile.open(sys.argv[1], "w") as t:
		    add(t, "layer.tar", layer)
		    add(t, "config.json", config)
		    add(t, "manifest.json", json.dumps([{"Config": "config.json", "RepoTags": ["localhost/twice:1"],
		                                         "Layers": ["layer.tar"]}]).encode())
	END
}

@test "load, look, save in every format: the layer is the same to the byte" {
	d=$BATS_TEST_TMPDIR
	make_archive "$d/in.tar"
	run_rl load -q -i "$d/in.tar"
	want=$(tar xOf "$d/in.tar" layer.tar | sha256sum)
	tree=$(rl unshare sh -c "cat $ROOT/layers/*/diff/f $ROOT/layers/*/diff/h $ROOT/layers/*/diff/d")
	is "$tree" "thirdsecondno directory"
	run_rl save -q -o "$d/out.tar" localhost/twice:1
	is "$(tar xOf "$d/out.tar" "$(tar xOf "$d/out.tar" manifest.json | jq -r '.[0].Layers[0]')" | sha256sum)" "$want"
	run_rl save -q --format oci-archive -o "$d/oci.tar" localhost/twice:1
	skopeo --insecure-policy copy -q "oci-archive:$d/oci.tar" "dir:$d/dir"
	is "$(gunzip < "$d/dir/$(jq -r '.layers[0].digest' "$d/dir/manifest.json" | cut -d: -f2)" | sha256sum)" "$want"
	run_rl system check
	rl rmi localhost/twice:1
	is "$(find "$ROOT/layers" -mindepth 1 | wc -l)" 0
}
