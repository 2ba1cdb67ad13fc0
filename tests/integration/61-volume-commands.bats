#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# volume create with options, ls with filters, export, import, mount, rm, prune.

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

@test "volume create: a tmpfs with size, owner and mode, shared while it is in use" {
	run_rl volume create -o type=tmpfs -o device=tmpfs -o o=size=1m,uid=7,gid=8,mode=750 tv
	run_rl run -d --name a --network=none -v tv:/t $BB sleep 100
	run_rl exec a sh -c 'stat -c "%u %g %a" /t; df -k /t | awk "END { print \$2 }"; echo shared > /t/f'
	is "$output" $'7 8 750\n1024'
	run_rl run --rm --network=none -v tv:/t $BB cat /t/f
	is "$output" shared
	run_rl volume inspect --format '{{.MountCount}} {{.UID}} {{.GID}} {{.Options.type}}' tv
	is "$output" "1 7 8 tmpfs"
	run_rl volume export -o t.tar tv
	is "$(tar xOf t.tar f)" shared
	run_rl rm -f -t 0 a
	run_rl volume inspect --format '{{.MountCount}}' tv
	is "$output" 0
	# Its content ended with its last user.
	run_rl run --rm --network=none -v tv:/t $BB ls /t
	is "$output" ""
	run_rl 125 volume export -o t.tar tv
	like "$output" "*tv*tmpfs*"
	is_one_error
}

@test "volume create: a tmpfs forgets what a killed monitor left" {
	run_rl volume create -o type=tmpfs tv
	run_rl run -d --name a --network=none -v tv:/t $BB sh -c 'echo old > /t/f; sleep 100'
	pid=$(rl inspect -f '{{.State.Pid}}' a)
	wait_for 5 rl exec a test -e /t/f
	kill -9 "$(awk '/^PPid:/ { print $2 }' "/proc/$pid/status")" "$pid"
	is_over() { [ "$(rl inspect -f '{{.State.Status}}' a)" = exited ]; }
	wait_for 5 is_over
	run_rl run --rm --network=none -v tv:/t $BB ls /t
	is "$output" ""
}

@test "volume create: a directory of the host" {
	mkdir host; echo here > host/f
	run_rl volume create -o type=none -o o=bind -o "device=$PWD/host" bv
	run_rl run --rm --network=none -v bv:/b $BB sh -c 'cat /b/f; echo new > /b/g'
	is "$output" here
	is "$(cat host/g)" new
	run_rl volume create -o o=bind,ro -o "device=$PWD/host" rv
	run_rl 1 run --rm --network=none -v rv:/b $BB touch /b/x
	run_rl volume mount bv
	is "$output" "$PWD/host"
	run_rl volume rm bv rv
	[ -f host/f ]
}

@test "volume create: what an unprivileged user cannot have is refused in a line" {
	for o in type=nfs type=ext4 o=size=1g o=bind device=/dev/sda foo=1 o=nonsense 'o=uid=-4' 'o=gid=x'; do
		run_rl 125 volume create -o "$o" no
		like "$output" "*${o#*=}*"
		is_one_error
	done
	run_rl 125 volume create -o type=tmpfs -o o=mode=9 no
	like "$output" "*mode=9*octal*"
	run_rl 125 volume create -o type=tmpfs -o device=/dev/sda no
	run_rl 125 volume create -d nfs no
	like "$output" "*'nfs'*local*"
	run_rl 125 volume create --uid 4000000000 no
	run_rl 1 volume exists no
}

@test "volume create: owner, labels, --ignore, no name" {
	run_rl volume create --uid 5 --gid 6 --label k=v dv
	run_rl run --rm --network=none -v dv:/d $BB stat -c '%u %g' /d
	is "$output" "5 6"
	run_rl volume create --ignore dv
	run_rl volume create
	is "${#output}" 64
	run_rl volume inspect --format '{{.Anonymous}}' "$output"
	is "$output" true
}

@test "volume ls: filters and formats" {
	rl volume create --label a=b --label c=d one; rl volume create --label a=x -o type=tmpfs two
	rl volume create three
	run_rl create --network=none --name u -v one:/x $BB true
	check() { run_rl volume ls -q "${@:2}"; is "$(echo "$output" | xargs)" "$1" "$*"; }
	check "one three two"
	check "one two" -f label=a
	check "one" -f label=a=b -f label=c
	check "three" -f 'label!=a'
	check "one two" -f name=one -f name=two
	check "two three" -f name='^t' || check "three two" -f name='^t'
	check "two" -f opt=type=tmpfs
	check "two" -f opt=type
	check "one three two" -f driver=local -f scope=local
	check "" -f driver=other
	check "three two" -f dangling=true
	check "one" -f dangling=false
	check "three two" -f since=one
	check "three" -f after=two
	check "" -f until=1h
	check "one three two" -f until="$(($(date +%s) + 60))"
	run_rl volume ls --format '{{.Name}} {{.Driver}}' -f name=one
	is "$output" "one local"
	is "$(rl volume ls -f name=one --format '{{.Status}} {{.Timeout}}{{.StorageID}} {{.VolumeConfigResponse.Name}}')" "map[] 0 one"
	is "$(rl volume inspect one --format '{{.Status}} {{.InspectVolumeData.Scope}}')" "map[] local"
	run_rl volume ls --format json -f name=two
	is "$(echo "$output" | jq -r '.[0] | .Name, .Scope, .Labels.a, .Options.type')" $'two\nlocal\nx\ntmpfs'
	run_rl volume ls -n -f name=one
	is "$(echo "$output" | xargs)" "local one"
	for f in bla=1 dangling=maybe until=yesterday 'name=[' noequals; do
		run_rl 125 volume ls -f "$f"
		like "$output" "*$f*"
		is_one_error
	done
	run_rl 125 volume ls -f since=nothere
	like "$output" "*nothere*"
}

@test "volume export and import: owners, links, over what is there" {
	run_rl volume create src
	run_rl run --rm --network=none -v src:/s $BB sh -c 'mkdir /s/d; echo 1 > /s/d/f; ln -s d/f /s/l; ln /s/d/f /s/h; chown 3:4 /s/d/f; chmod 640 /s/d/f'
	run_rl volume export --output a.tar src
	run_rl volume create dst
	run_rl run --rm --network=none -v dst:/s $BB sh -c 'echo old > /s/h; echo kept > /s/k'
	run_rl volume import dst a.tar
	run_rl run --rm --network=none -v dst:/s $BB sh -c 'cat /s/d/f /s/h /s/k; readlink /s/l; stat -c "%u %g %a %h" /s/d/f'
	is "$output" $'1\n1\nkept\nd/f\n3 4 640 2'
	rl volume export src > b.tar
	cmp a.tar b.tar
	gzip b.tar
	run_rl volume create zipped
	rl volume import zipped - < b.tar.gz
	rl volume import zipped < a.tar
	run_rl run --rm --network=none -v zipped:/s $BB cat /s/l
	is "$output" 1
	run_rl 125 volume import nothere a.tar
	run_rl 125 volume import dst nothere.tar
	like "$output" "*nothere.tar*"
	run_rl 125 volume export nothere -o c.tar
	[ ! -e c.tar ]
}

@test "volume import: a hostile archive stays inside" {
	run_rl volume create v
	python3 - <<-'PY'
		import io, tarfile
		def make(name, entries):
		    with tarfile.open(name, "w") as t:
		        for kind, path, link in entries:
		            i = tarfile.TarInfo(path)
		            i.type, i.linkname = kind, link or ""
		            i.size = 0 if kind != tarfile.REGTYPE else 4
		            t.addfile(i, io.BytesIO(b"evil"))
		F, L, H = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE
		make("up.tar", [(F, "../../evil", None)])
		make("link.tar", [(L, "out", "/tmp"), (F, "out/rootlet-evil", None)])
		make("hard.tar", [(H, "h", "../../volume.json")])
	PY
	run_rl 125 volume import v up.tar
	run_rl '?' volume import v link.tar
	[ ! -e /tmp/rootlet-evil ]
	run_rl 125 volume import v hard.tar
	head -c 700 up.tar > cut.tar
	run_rl 125 volume import v cut.tar
	is_one_error
	[ ! -e "$ROOT/evil" ]
	[ ! -e "$ROOT/volumes/evil" ]
}

@test "volume mount: a path; of a tmpfs in unshare only" {
	run_rl volume create plain
	run_rl volume mount plain
	is "$output" "$ROOT/volumes/plain/_data"
	run_rl volume create -o type=tmpfs tv
	run_rl 125 volume mount tv
	like "$output" "*rootlet unshare*"
	run_rl unshare sh -c "p=\$($ROOTLET --root $ROOT volume mount tv) && echo kept > \$p/f"
	run_rl run --rm --network=none -v tv:/t $BB cat /t/f
	is "$output" kept
	run_rl volume unmount tv
	is "$output" tv
	run_rl run --rm --network=none -v tv:/t $BB ls /t
	is "$output" ""
	run_rl 125 volume mount nothere
	run_rl volume reload
}

@test "volume rm: -f with containers, -t, -a; prune with filters" {
	rl volume create one; rl volume create --label keep=1 two; rl volume create three
	run_rl run -d --name u --network=none -v one:/x $BB sleep 100
	run_rl 2 volume rm one
	run_rl 125 volume rm -t 1 one
	run_rl volume rm -f -t 0 one nothere
	is "$output" one
	run_rl 1 container exists u
	run_rl volume prune --dry-run --filter label!=keep
	is "$output" three
	run_rl volume prune -f --filter label!=keep
	is "$output" three
	run_rl create --network=none --name v -v two:/x $BB true
	run_rl volume prune -f
	is "$output" ""
	run_rl rm v
	run_rl volume rm -a
	is "$output" two
	run_rl 125 volume prune -f --filter nonsense=1
}
