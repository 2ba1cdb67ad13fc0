#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A store on a file system that takes files of one owner only, as NFS and GPFS do: here a FUSE mount whose
# server is an ordinary user's program, so that it refuses to give files away.

load lib/common
setup_file() {
	need fuse-overlayfs jq
	[ -w /dev/fuse ] || missing "/dev/fuse"
	command -v fusermount3 > /dev/null || command -v fusermount > /dev/null || missing "fusermount"
	common_setup_file noimage
	d=$BATS_FILE_TMPDIR/fs
	mkdir -p "$d/lower" "$d/upper" "$d/work" "$d/mnt"
	fuse-overlayfs -o "lowerdir=$d/lower,upperdir=$d/upper,workdir=$d/work" "$d/mnt" 3>&- 2> "$d/err" ||
		missing "a FUSE mount: $(cat "$d/err")"
	python3 - "$BATS_FILE_TMPDIR/owned.tar" "$(fixture_busybox)" <<- 'END'
		import glob, gzip, io, json, sys, tarfile
		out = tarfile.open(sys.argv[1], "w")
		layout = sys.argv[2]
		blob = lambda d: open(layout + "/blobs/" + d.replace(":", "/"), "rb").read()
		m = json.loads(blob(json.load(open(layout + "/index.json"))["manifests"][0]["digest"]))
		for l in m["layers"]:
		    for i in (t := tarfile.open(fileobj=io.BytesIO(blob(l["digest"])))):
		        out.addfile(i, t.extractfile(i) if i.isfile() else None)
		i = tarfile.TarInfo("srv/owned")
		i.uid, i.gid, i.size, i.mode = 33, 44, 2, 0o640
		out.addfile(i, io.BytesIO(b"x\n"))
		out.close()
	END
}
teardown_file() {
	mnt=$BATS_FILE_TMPDIR/fs/mnt
	if mountpoint -q "$mnt"; then
		"$ROOTLET" --root "$mnt/store" system reset -f
		for n in 1 2 3 4 5; do fusermount3 -u "$mnt" 2> /dev/null || fusermount -u "$mnt" 2> /dev/null && break; sleep 0.2; done
	fi
	common_teardown_file
}
setup() {
	common_setup
	F=$BATS_FILE_TMPDIR/fs/mnt/store
}
teardown() { common_teardown; }

on() {
	"$ROOTLET" --root "$F" "$@"
}

@test "owners are recorded, and that is said once" {
	run -0 --separate-stderr on import -q "$BATS_FILE_TMPDIR/owned.tar" localhost/owned
	like "$stderr" "*takes no files of other owners*doctor*"
	run -0 --separate-stderr on images -q
	is "$stderr" ""
	is "$(sed -n 2p "$F/driver")" "owners recorded"
	run -0 --separate-stderr on run --rm --network=none localhost/owned sh -c 'cat /srv/owned; touch /new; chown 5 /new; stat -c %u /srv/owned /new'
	is "${lines[*]}" "x 0 0"
}

@test "whoever a container's user is, the files are his" {
	run -0 on run --rm --network=none --user user -v w:/v localhost/owned sh -c 'touch /new /v/new; stat -c %u /new /v/new /srv/owned; id -u'
	is "${lines[*]}" "1000 1000 1000 1000"
	run -0 on run --rm --network=none --userns=keep-id -v w:/v localhost/owned stat -c %u /v/new
	is "$output" "$(id -u)"
	on run -d --network=none --name c localhost/owned sleep 1000
	run -0 on exec -u 33 c sh -c 'touch /by33; stat -c %u /by33'
	is "$output" 0
	on rm -f -t 0 c
	on volume rm w
	run -125 on run --rm --network=none --userns=auto localhost/owned true
	like "$output" "*--userns auto: the file system of the store takes no files of other owners*local disk*"
}

@test "save gives back the owners that were recorded" {
	on save -q -o "$BATS_TEST_TMPDIR/out.tar" localhost/owned
	layer=$(tar xOf "$BATS_TEST_TMPDIR/out.tar" manifest.json | jq -r '.[0].Layers[0]')
	tar xOf "$BATS_TEST_TMPDIR/out.tar" "$layer" | tar tvf - --numeric-owner > "$BATS_TEST_TMPDIR/list"
	like "$(grep srv/owned "$BATS_TEST_TMPDIR/list")" "-rw-r-----*33/44*"
	run -0 on system check
	run -0 on volume create v
	run -0 on run --rm --network=none -v v:/v localhost/owned touch /v/x
	run -0 on volume rm v
}

@test "doctor says so, with what it costs and what to do" {
	run on doctor
	like "$output" "*degraded*file owners*cost:*chown *do nothing*--user NAME*remedy:*local disk*"
	run rl doctor
	like "$output" "*ok*file owners*"
}

# What another machine that has this home runs: here one of ours whose record says so.
@test "a container of another machine is shown and left alone" {
	on run -d --rm --network=none --name far localhost/owned sh -c 'trap exit TERM; while :; do sleep 0.1; done'
	state=$F/containers/$(on inspect --format '{{.Id}}' far)/state.json
	cp "$state" own.json
	like "$(cat own.json)" "*\"host\":\"$(uname -n)\"*"
	sed 's/"boot-id":"[^"]*"/"boot-id":"11111111-2222-3333-4444-555555555555"/; s/"host":"[^"]*"/"host":"node7"/' own.json > "$state"
	run -0 on ps --format '{{.Names}} {{.Status}}'
	like "$output" "far Up *on node7"
	run -0 on inspect --format '{{.State.Status}} {{.State.Pid}}' far
	is "$output" "running 0"
	for cmd in "rm" "rm -f -t 0" "stop" "kill" "exec far true" "start" "top" "pause" "cp far:/etc/passwd x" "run --replace --name"; do
		case $cmd in
		*" far"*) run on $cmd ;;
		run*) run on $cmd far localhost/owned true ;;
		*) run on $cmd far ;;
		esac
		is "$status" 125 "$cmd"
		like "$output" "*container far is running on the machine node7: log in there; *rootlet container cleanup far*" "$cmd"
	done
	run -0 on container prune -f
	run -0 on container cleanup -a
	run -125 on system reset -f
	[ -d "$(dirname "$state")/upper" ] || [ -d "$(dirname "$state")/rootfs" ]
	# It went on meanwhile.
	cp own.json "$state"
	run -0 on exec far echo alive
	is "$output" alive
	# The machine is gone: that somebody has to say.
	sed 's/"boot-id":"[^"]*"/"boot-id":"11111111-2222-3333-4444-555555555555"/; s/"host":"[^"]*"/"host":"node7"/' own.json > told.json
	on stop -t 1 far
	on create --network=none --name far localhost/owned true
	cp told.json "$F/containers/$(on inspect --format '{{.Id}}' far)/state.json"
	run -0 on container cleanup far
	run -0 on inspect --format '{{.State.Status}} {{.State.ExitCode}}' far
	is "$output" "exited 137"
	run -0 on rm far
	# The same machine with another boot id has been rebooted.
	on create --network=none --name far localhost/owned true
	sed 's/node7/'"$(uname -n)"'/' told.json > "$F/containers/$(on inspect --format '{{.Id}}' far)/state.json"
	run -0 on ps -a --format '{{.Status}}'
	like "$output" "Exited (137)*"
	run -0 on rm far
}
