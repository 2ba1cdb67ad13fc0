#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The files of a container: cp, diff, export, commit.

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() {
	common_setup
	mkdir -p src/sub
	echo one > src/file
	echo two > src/sub/f
	ln -s file src/link
	ln src/file src/hard
	chmod 0640 src/sub/f
	rl run -d --name live --network=none $BB sleep 1000 > /dev/null
	rl create --name dead --network=none $BB true > /dev/null
}
teardown() { common_teardown; }

in_live() { rl exec live sh -c "$1"; }

@test "cp: a file in and out, of a running and a stopped container" {
	local c
	for c in live dead; do
		run_rl cp src/file $c:/tmp/new
		run_rl cp src/file $c:/tmp
		run_rl cp $c:/tmp/new out-$c
		is "$(cat out-$c)" one
		mkdir d-$c
		run_rl cp $c:tmp/file d-$c
		is "$(cat d-$c/file)" one
		is "$(stat -c %u d-$c/file)" "$(id -u)"
	done
}

@test "cp: directories by Docker's rules" {
	local c
	for c in live dead; do
		run_rl cp src $c:/new			# made, with the contents
		run_rl cp $c:/new/sub/f f1
		run_rl cp src $c:/new			# there: goes into it
		run_rl cp $c:/new/src/sub/f f2
		run_rl cp src/. $c:/tmp			# contents only
		run_rl cp $c:/tmp/sub/f f3
		is "$(cat f1 f2 f3)" "$(printf 'two\ntwo\ntwo')"
		run_rl cp $c:/new/. out-$c/
		is "$(readlink out-$c/link)" file
		is "$(stat -c %a out-$c/sub/f)" 640
		is "$(stat -c %i out-$c/file)" "$(stat -c %i out-$c/hard)"
	done
}

@test "cp: what is not there, and what does not fit" {
	local c
	for c in live dead; do
		run_rl 125 cp nope $c:/tmp
		like "$output" '*"nope" could not be found on the host*'
		run_rl 125 cp $c:/nope .
		like "$output" "*\"/nope\" could not be found on container $c*"
		run_rl 125 cp src/file $c:/no/dir/x
		run_rl 125 cp src/file $c:/missing/
		run_rl cp src/file $c:/tmp/f
		run_rl 125 cp src $c:/tmp/f
		run_rl 125 cp src/file $c:/tmp/f/
		run_rl cp --overwrite src $c:/tmp/f
		run_rl cp $c:/tmp/f/sub/f got
	done
	run_rl 125 cp src/file nocontainer:/x
	like "$output" "*no such container*"
	run_rl 125 cp src/file other
	run_rl 125 cp live: .
}

@test "cp: from container to container, and within one" {
	in_live 'mkdir /a; echo x > /a/f'
	run_rl cp live:/a dead:/b
	run_rl cp dead:/b/f got
	is "$(cat got)" x
	run_rl cp live:/a live:/a/self
	is "$(in_live 'cat /a/self/f; ls /a/self')" "$(printf 'x\nf')"
}

@test "cp -: tar streams, plain and compressed" {
	local c
	for c in live dead; do
		tar -C src -c . | rl cp - $c:/tmp
		run_rl cp $c:/tmp/sub/f got
		is "$(cat got)" two
		tar -C src -cz file | rl cp - $c:/var
		run_rl cp $c:/var/file got
		is "$(cat got)" one
		is "$(rl cp $c:/tmp/sub - | tar -t | sort | tr '\n' ' ')" "sub/ sub/f "
		is "$(rl cp $c:/tmp/file - | tar -xO)" one
	done
	run -125 bash -c "echo nonsense | '$ROOTLET' --root '$ROOT' cp - live:/tmp"
	run -125 bash -c "tar -C src -c file | '$ROOTLET' --root '$ROOT' cp - live:/nowhere"
}

@test "cp: owners" {
	rl create --name user --network=none --user 5:6 $BB true > /dev/null
	run_rl cp src/file user:/tmp/f
	is "$(rl cp user:/tmp/f - | tar --numeric-owner -tv | awk '{ print $2 }')" 5/6
	run_rl cp -a=false src/file user:/tmp/g
	is "$(rl cp user:/tmp/g - | tar --numeric-owner -tv | awk '{ print $2 }')" 0/0
	rl create --name kept --network=none --userns=keep-id $BB true > /dev/null
	run_rl cp src/file kept:/tmp/f
	is "$(rl cp kept:/tmp/f - | tar --numeric-owner -tv | awk '{ print $2 }')" "$(id -u)/$(id -g)"
}

@test "cp: volumes are seen in a stopped container too" {
	mkdir host
	rl create --name v --network=none -v "$PWD/host:/h" -v named:/n $BB true > /dev/null
	run_rl cp src/file v:/h/f
	is "$(cat host/f)" one
	run_rl cp src/file v:/n/f
	run_rl run --rm --network=none -v named:/n $BB cat /n/f
	is "$output" one
	run_rl export -o v.tar v
	is "$(tar -tf v.tar | grep -cE '^(h|n)/f$')" 0
	rl rm -f v > /dev/null
}

@test "cp: a mount point is written in place, a link is written through inside only" {
	run_rl cp src/file live:/etc/hosts
	is "$(in_live 'cat /etc/hosts')" one
	in_live 'ln -s /etc/hostname /l; ln -s /tmp /t; ln -s ../../../../tmp /up'
	run_rl cp src/file live:/t
	run_rl cp src/sub/f live:/up/g
	is "$(in_live 'cat /tmp/file /tmp/g')" "$(printf 'one\ntwo')"
	[ ! -e /tmp/file ]
	[ ! -e /tmp/g ]
	run_rl cp live:/t/file got
	is "$(cat got)" one
}

@test "diff: A, C and D; containers and images; json" {
	in_live 'echo a > /tmp/a; mkdir /d; echo f > /d/f; rm /etc/group; echo x >> /etc/passwd'
	run_rl diff live
	is "$output" "$(printf 'A /d\nA /d/f\nC /etc\nD /etc/group\nC /etc/passwd\nC /tmp\nA /tmp/a')"
	run_rl diff --format json live
	is "$(jq -c '[.added, .deleted]' <<< "$output")" '[["/d","/d/f","/tmp/a"],["/etc/group"]]'
	run_rl diff dead
	is "$output" ""
	run_rl image diff $BB
	like "$output" "*A /bin/busybox*"
	run_rl diff $BB
	run_rl 125 diff nothing
	run_rl 125 diff --format x live
	# Of two: what makes the second one into the first.
	changed=$(printf 'A /d\nA /d/f\nC /etc\nD /etc/group\nC /etc/passwd\nC /tmp\nA /tmp/a')
	is "$(rl diff live dead)" "$changed"
	is "$(rl diff live $BB)" "$changed"
	is "$(rl container diff dead live)" "$(printf 'D /d\nC /etc\nA /etc/group\nC /etc/passwd\nC /tmp\nD /tmp/a')"
	is "$(rl diff live live)$(rl image diff $BB $BB)" ""
	run_rl 125 container diff live $BB
	run_rl 125 diff live dead live
}

@test "export: the root file system, without what is mounted" {
	local c
	for c in live dead; do
		run_rl cp src/file $c:/tmp/file
		is "$(rl export $c | tar -xO tmp/file)" one
		is "$(rl export $c | tar -t | grep -c '^proc/.')" 0
		is "$(rl export $c | tar -t | grep -c '^sys/.')" 0
	done
	run_rl export -o x.tar dead
	rl import -q x.tar again > /dev/null
	run_rl run --rm --network=none again cat /tmp/file
	is "$output" one
	run_rl rmi again
}

@test "commit: a change becomes a layer" {
	local c id
	for c in live dead; do
		run_rl cp src $c:/data
		run_rl commit -q -a me -m why -c 'CMD ["cat","/data/file"]' -c 'ENV A=b' --iidfile id $c "made-$c"
		is "$output" "$(cat id)"
		run_rl run --rm --network=none "made-$c"
		is "$output" one
		run_rl image inspect "made-$c"
		is "$(jq -r '.[0].Author, (.[0].RootFS.Layers | length)' <<< "$output" | tr '\n' ' ')" "me 2 "
		# What is stored gives the archive that was promised.
		run_rl save -o "made-$c.tar" "made-$c"
		run_rl rmi "made-$c"
		run_rl load -q -i "made-$c.tar"
		run_rl run --rm --network=none "made-$c"
		is "$output" one
		run_rl rmi "made-$c"
	done
}

@test "commit: deletions, hard links and opaque directories" {
	in_live 'rm /etc/group; rm -r /home; mkdir /home; echo n > /home/n; echo h > /h1; ln /h1 /h2; mkfifo /ff'
	run_rl commit live gone
	run_rl run --rm --network=none gone sh -c '[ ! -e /etc/group ]; ls /home; stat -c %h /h1; [ -p /ff ] && echo fifo'
	is "$output" "$(printf 'n\n2\nfifo')"
	run_rl rmi gone
}

@test "commit: squash, docker format, no name, a running container paused" {
	in_live 'echo a > /a'
	run_rl commit -s -f docker -m text live flat
	run_rl image inspect flat
	is "$(jq -r '.[0].RootFS.Layers | length' <<< "$output")" 1
	like "$(jq -r '.[0].ManifestType' <<< "$output")" "*docker*"
	run_rl run --rm --network=none flat cat /a
	is "$output" a
	run_rl commit -p live
	is "$(rl inspect -f '{{.State.Status}}' live)" running
	run_rl rmi "$output" flat
	run_rl 125 commit -f bogus live
	run_rl 125 commit -c 'RUN x' live bad
	run_rl 1 image exists bad
}
