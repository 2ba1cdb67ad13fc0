#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""images.py big DIR: DIR/big0.tar .. big3.tar, 570 MB of real files from under /usr.
images.py variant LAYOUT N: gives the OCI layout another image id, by a label.
images.py bundle CONFIG: makes the config.json of "crun spec --rootless" run true, all namespaces new.
"""
import hashlib
import json
import os
import stat
import sys
import tarfile

LAYERS = 4
WANT = 570 * 1000 * 1000 // LAYERS


def files():
    seen = set()
    for top in ("/usr/lib", "/usr/bin", "/usr/share"):
        for d, dirs, names in os.walk(top):
            dirs.sort()
            for f in sorted(names):
                p = os.path.join(d, f)
                st = os.lstat(p)
                if (stat.S_ISREG(st.st_mode) and st.st_ino not in seen and os.access(p, os.R_OK)
                        and st.st_size < 60e6):
                    seen.add(st.st_ino)
                    yield p


def big(out_dir):
    out, size, n = None, 0, 0
    for p in files():
        if out is None:
            out = tarfile.open("%s/big%d.tar" % (out_dir, n), "w", format=tarfile.PAX_FORMAT)
            size = 0
        t = out.gettarinfo(p)
        t.uid = t.gid = 0
        t.uname = t.gname = ""
        t.mtime = int(t.mtime)
        with open(p, "rb") as f:
            out.addfile(t, f)
        size += 512 + (t.size + 511) // 512 * 512
        if size >= WANT:
            out.close()
            out, n = None, n + 1
            if n == LAYERS:
                return
    sys.exit("images.py: less than 570 MB of files under /usr")


def variant(layout, n):
    blobs = layout + "/blobs/sha256/"

    def put(obj):
        raw = json.dumps(obj).encode()
        digest = hashlib.sha256(raw).hexdigest()
        with open(blobs + digest, "wb") as f:
            f.write(raw)
        return "sha256:" + digest, len(raw)

    def get(path):
        with open(path) as f:
            return json.load(f)

    index = get(layout + "/index.json")
    manifest = get(blobs + index["manifests"][0]["digest"][7:])
    config = get(blobs + manifest["config"]["digest"][7:])
    config["config"]["Labels"] = {"n": n}
    manifest["config"]["digest"], manifest["config"]["size"] = put(config)
    index["manifests"][0]["digest"], index["manifests"][0]["size"] = put(manifest)
    os.unlink(layout + "/index.json")
    with open(layout + "/index.json", "w") as f:
        json.dump(index, f)


def bundle(path):
    with open(path) as f:
        c = json.load(f)
    c["process"]["terminal"] = False
    c["process"]["args"] = ["true"]
    c["linux"]["namespaces"] = [{"type": t} for t in
                                ("pid", "ipc", "uts", "mount", "user", "network", "cgroup")]
    with open(path, "w") as f:
        json.dump(c, f)


if sys.argv[1] == "big":
    big(sys.argv[2])
elif sys.argv[1] == "bundle":
    bundle(sys.argv[2])
else:
    variant(sys.argv[2], sys.argv[3])
