#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Layers of odd formats and shapes: an error or the right result, in bounded time and memory.

load helpers
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; bait; }
teardown() { unbait; rl rmi -f localhost/evil > /dev/null 2>&1; common_teardown; }

CONFIG='{"Env":["PATH=/bin:/sbin:/usr/bin"],"Cmd":["true"]}'

# refused FILE: as a layer it ends in one line, quickly, and leaves nothing.
refused() {
	local layers
	layers=$(ls "$ROOT/layers" | grep -vc lock)
	SECONDS=0
	run evil_image evil "$CONFIG" "$1"
	[ "$status" -ne 0 ] || { echo "taken: $1"; return 1; }
	like "${lines[-1]}" "rootlet: *"
	[ $SECONDS -lt 20 ]
	is "$(ls "$ROOT/layers" | grep -vc lock)" "$layers"
}

@test "CVE-2024-48957, CVE-2025-5914: only tar is a layer, whatever else an archive library could read" {
	need python3
	python3 - <<-'PY'
		import io, os, zipfile
		z = zipfile.ZipFile("zip", "w"); z.writestr("evil", "x"); z.close()
		open("7z", "wb").write(b"7z\xbc\xaf\x27\x1c\x00\x04" + os.urandom(600))
		open("rar", "wb").write(b"Rar!\x1a\x07\x00" + os.urandom(600))
		open("rar5", "wb").write(b"Rar!\x1a\x07\x01\x00" + os.urandom(600))
		open("cpio", "wb").write(b"070701" + b"0" * 104 + b"evil\0\0" + b"x" * 512)
		open("ar", "wb").write(b"!<arch>\nevil/           0           0     0     644     1         `\nx\n" + b" " * 512)
		open("warc", "wb").write(b"WARC/1.0\r\nWARC-Type: resource\r\nContent-Length: 1\r\n\r\nx" + b" " * 512)
		open("noise", "wb").write(os.urandom(3000))
		open("mtree", "wb").write(b"#mtree\n/set type=file\n./evil type=file\n" + b"#" * 512)
		open("shar", "wb").write(b"#!/bin/sh\n# This is a shell archive\n" + b"#" * 600)
	PY
	for f in zip 7z rar rar5 cpio ar warc noise mtree shar; do refused $f; done
}

@test "CVE-2021-20291: a layer that is cut off or no archive ends at once" {
	entries whole.tar 'dir("d")' 'file("d/f", "x" * 100000)'
	head -c 50000 whole.tar > cut
	refused cut
	gzip -c whole.tar | head -c 60 > cutgz
	refused cutgz
	printf '\x1f\x8b\x08' > head
	refused head
}

@test "GHSA-rp3h-jf77-q9p4: many whiteouts, links and levels take time in proportion" {
	entries many.tar 'for i in range(40000): file("d%d/.wh.f%d" % (i % 50, i))'
	entries links.tar 'file("one", "x")' 'for i in range(20000): hard("l%d" % i, "one")'
	entries deep.tar 'p = ""' 'for i in range(1500): p += "d/"; dir(p[:-1])'
	for f in many links deep; do
		SECONDS=0
		run evil_image evil "$CONFIG" $f.tar
		[ "$status" -eq 0 ] || like "${lines[-1]}" "rootlet: *"
		[ $SECONDS -lt 60 ] || { echo "$f takes $SECONDS s"; false; }
		rl rmi -f localhost/evil > /dev/null 2>&1 || true
	done
}

@test "sizes that lie: a header of an exabyte, a sparse giant, a window of 2 GiB" {
	need python3 zstd
	python3 - <<-'PY'
		import tarfile
		def header(name, size, kind=b"0", pax={}):
		    t = tarfile.TarInfo(name); t.size = size; t.type = kind; t.pax_headers = pax
		    return t
		open("exa", "wb").write(header("huge", 1 << 60).tobuf(tarfile.GNU_FORMAT) + b"\0" * 1024)
		e = header("x", 0, pax={"size": str(1 << 62)}); open("paxsize", "wb").write(e.tobuf(tarfile.PAX_FORMAT) + b"\0" * 1024)
		e = header("x", 0, pax={"comment": "c" * 30000000}); open("paxlong", "wb").write(e.tobuf(tarfile.PAX_FORMAT) + b"\0" * 1024)
	PY
	refused exa
	refused paxsize
	refused paxlong
	# A window of 2 GiB where there is less address space; what is in it is small, and is taken.
	head -c 3000000 /dev/zero > big
	tar -cf plain.tar big
	zstd -q --ultra --long=31 -22 --no-check -f plain.tar -o long.zst 2> /dev/null || missing "zstd has no --long=31"
	run -0 bash -c "ulimit -v 2000000; '$ROOTLET' --root '$ROOT' import long.zst localhost/evil:2"
	[ "$(rl image inspect --format '{{.Size}}' localhost/evil:2)" -ge 3000000 ]
	rl rmi -f localhost/evil:2 > /dev/null 2>&1 || true
}
