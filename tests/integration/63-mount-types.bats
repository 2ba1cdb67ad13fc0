#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Every type and option of --mount, -v and --tmpfs; --volumes-from; what is wrong is told in a line.

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; mkdir -p d/sub; echo data > d/file; echo below > d/sub/file; }
teardown() { common_teardown; }
r() { run_rl run --rm --network=none "$@"; }
# refused PART OPTION VALUE: one line that has the value and PART.
refused() {
	run_rl '?' run --rm --network=none "$2" "$3" $BB true
	[ "$status" -eq 125 ]
	like "$output" "*${3:0:60}*"
	like "$output" "*$1*"
	is_one_error
}

@test "type=image: read-only, rw is thrown away, subpath" {
	r --mount type=image,source=$BB,target=/i $BB sh -c 'head -c 4 /i/etc/passwd; touch /i/x 2>&1 | grep -c ead-only'
	is "$output" root1
	r --mount type=image,source=$BB,target=/i,rw=true $BB sh -c 'touch /i/x && ls /i/x'
	is "$output" /i/x
	r --mount type=image,source=$BB,target=/i,rw $BB ls /i/x || true
	like "$output" "*No such file*"
	r --mount type=image,src=$BB,dst=/i,subpath=etc $BB head -c 4 /i/passwd
	is "$output" root
	r --mount type=image,src=$BB,dst=/p,subpath=/etc/passwd $BB head -c 4 /p
	is "$output" root
	run_rl '?' run --rm --network=none --mount type=image,src=$BB,dst=/i,subpath=no/such $BB true
	like "$output" "*no/such*"
	run_rl 125 run --rm --network=none --mount type=image,source=nothere,target=/i $BB true
	like "$output" "*type=image*pull it*nothere*"
}

@test "type=image: --userns=keep-id, and a stopped container starts with it again" {
	r --userns=keep-id --user 0 --mount type=image,source=$BB,target=/i $BB stat -c %u /i/etc/passwd
	is "$output" 0
	run_rl create --name s --network=none --mount type=image,source=$BB,target=/i,rw=true $BB sh -c 'ls /i/x; touch /i/x'
	run_rl start -a s
	run_rl start -a s
	like "$output" "*No such*"
	is "$(rl inspect -f '{{(index .Mounts 0).Type}}' s)" image
}

@test "type=glob" {
	touch d/lib1.so d/lib2.so d/other
	r --mount "type=glob,source=$PWD/d/lib*,target=/libs,ro" $BB sh -c 'ls /libs; touch /libs/lib1.so 2>&1 | grep -c ead-only'
	is "$output" $'lib1.so\nlib2.so\n1'
	r --mount "type=glob,src=$PWD/d/li*1.so" $BB ls "$PWD/d"
	is "$output" lib1.so
	run_rl '?' run --rm --network=none --mount "type=glob,source=$PWD/none*,target=/libs" $BB true
	like "$output" "*none\**"
}

@test "type=tmpfs and --tmpfs: size, mode, copy-up, owner" {
	r --mount type=tmpfs,dst=/t,tmpfs-size=1m,tmpfs-mode=0710 $BB sh -c 'stat -c %a /t; df -k /t | awk "END { print \$2 }"'
	is "$output" $'710\n1024'
	r --mount type=tmpfs,dst=/etc $BB sh -c 'test -s /etc/passwd && echo copied'
	is "$output" copied
	r --mount type=tmpfs,dst=/etc,notmpcopyup $BB ls /etc/passwd || true
	like "$output" "*No such*"
	r --user 1000 --tmpfs /t:U,mode=700 $BB sh -c 'stat -c %u /t; touch /t/x'
	is "$output" 1000
	r --mount type=tmpfs,dst=/t,chown=true,ro --user 7 $BB sh -c 'stat -c %u /t; touch /t/x 2>&1 | grep -c ead-only'
	is "$output" $'7\n1'
	r --tmpfs /t:exec,suid,size=10%,nr_inodes=20 $BB sh -c 'grep " /t " /proc/self/mountinfo'
	unlike "$output" "*noexec*"
	like "$output" "*nr_inodes=20*"
	r --tmpfs /t:noexec $BB sh -c 'grep -c " /t .*noexec" /proc/self/mountinfo'
	is "$output" 1
}

@test "type=ramfs and type=devpts" {
	r --mount type=ramfs,dst=/r,mode=700 $BB sh -c 'stat -f -c %T /r; stat -c %a /r; touch /r/x'
	is "$output" $'ramfs\n700' || is "$output" $'UNKNOWN\n700'
	r --mount type=devpts,dst=/pts,mode=600,max=10 $BB sh -c 'grep -c " /pts .* devpts .*mode=600" /proc/self/mountinfo; ls /pts/ptmx'
	is "$output" $'1\n/pts/ptmx'
	refused "type=tmpfs" --mount type=ramfs,dst=/r,size=1m
}

@test "type=bind: propagation, recursion, read-only in its forms" {
	r --mount "type=bind,src=$PWD/d,dst=/m,bind-propagation=rslave" $BB grep -c ' /m .*master:' /proc/self/mountinfo || true
	r --mount "type=bind,src=$PWD/d,dst=/m,readonly" $BB sh -c 'touch /m/x 2>&1 | grep -c ead-only'
	is "$output" 1
	r --mount "type=bind,src=$PWD/d,dst=/m,ro=false" $BB touch /m/x
	# A mount below: made in a namespace of our own, because only root has them on the host.
	cat > go <<-EOF2
		mount -t tmpfs none d/sub && touch d/sub/inner &&
		$ROOTLET --root $ROOT run --rm --network=none \$1 $BB sh -c 'ls /m/sub; touch /m/sub/new && echo written; touch /m/new2 2>/dev/null && echo top'
	EOF2
	below() { run rl unshare unshare -m sh go "$1"; echo "$output"; }
	below "--mount type=bind,src=$PWD/d,dst=/m"
	is "$output" $'inner\nwritten\ntop'
	below "--mount type=bind,src=$PWD/d,dst=/m,ro"
	like "$output" "inner*ead-only*"
	below "--mount type=bind,src=$PWD/d,dst=/m,rro"
	like "$output" "inner*ead-only*"
	below "--mount type=bind,src=$PWD/d,dst=/m,ro,bind-recursive=writable"
	is "$output" $'inner\nnew\nwritten' || is "$output" $'inner\nwritten'
	below "--mount type=bind,src=$PWD/d,dst=/m,ro,bind-recursive=readonly"
	like "$output" "inner*ead-only*"
	below "--mount type=bind,src=$PWD/d,dst=/m,bind-nonrecursive"
	unlike "$output" "*inner*"
	below "--mount type=bind,src=$PWD/d,dst=/m,bind-recursive=disabled"
	unlike "$output" "*inner*"
}

@test "flags of every kind: noexec, nosuid, nodev, relabel, consistency, noatime" {
	cp /bin/true d/true
	r -v "$PWD/d:/m:noexec,nosuid,nodev,z" $BB sh -c 'grep " /m " /proc/self/mountinfo; /m/true || echo refused'
	like "$output" "*nosuid*refused"
	like "$output" "*noexec*"
	r --mount "type=bind,src=$PWD/d,dst=/m,relabel=shared,consistency=cached,exec=false" $BB grep ' /m ' /proc/self/mountinfo
	like "$output" "*noexec*"
	r --tmpfs /t:noatime $BB grep -c ' /t .*noatime' /proc/self/mountinfo
	run_rl '?' run --rm --network=none -v "$PWD/d:/m:noatime" $BB true
	[ "$status" -eq 0 ] || like "$output" "*noatime*"
	r -v "$PWD/d:/m:cached,Z,private" $BB true
	r -v vol:/v:nosuid,nocopy $BB grep -c ' /v .*nosuid' /proc/self/mountinfo
	is "$output" 1
}

@test "volumes: copy and nocopy, labels and options, subpath, U" {
	r -v fresh:/etc:nocopy $BB ls /etc/passwd || true
	like "$output" "*No such*"
	r -v fresh:/etc:copy $BB ls /etc/passwd
	is "$output" /etc/passwd
	r --mount type=volume,src=sub,dst=/v $BB sh -c 'mkdir /v/in; echo deep > /v/in/f; ln -s /etc /v/out'
	r --mount type=volume,src=sub,dst=/v,volume-subpath=in $BB cat /v/f
	is "$output" deep
	run_rl '?' run --rm --network=none --mount type=volume,src=sub,dst=/v,subpath=out $BB true
	[ "$status" -ne 0 ]
	r --mount type=volume,src=opt,dst=/v,volume-label=k=v,volume-opt=type=tmpfs,volume-opt=o=size=2m $BB df -k /v
	like "$output" "* 2048 *"
	is "$(rl volume inspect -f '{{.Labels.k}} {{.Options.type}}' opt)" "v tmpfs"
	r --user 55 -v mine:/v:U $BB sh -c 'stat -c %u /v; touch /v/x'
	is "$output" 55
	r --user 56 --mount type=volume,src=opt,dst=/v,U=true $BB sh -c 'stat -c %u /v; touch /v/x'
	is "$output" 56
}

@test ":O: kept with upperdir and workdir, with U, of a volume" {
	mkdir up work
	r -v "$PWD/d:/m:O,upperdir=$PWD/up,workdir=$PWD/work" $BB sh -c 'echo kept > /m/new'
	is "$(cat up/new)" kept
	[ ! -e d/new ]
	r -v "$PWD/d:/m:O,upperdir=$PWD/up,workdir=$PWD/work" $BB cat /m/new
	is "$output" kept
	r --user 9 -v "$PWD/d:/m:O,U" $BB sh -c 'stat -c %u /m/file; echo mine > /m/file'
	is "$output" 9
	is "$(cat d/file)" data
	r -v vol2:/v $BB sh -c 'echo base > /v/f'
	r -v vol2:/v:O $BB sh -c 'echo over > /v/f; cat /v/f'
	is "$output" over
	r -v vol2:/v $BB cat /v/f
	is "$output" base
	rl unshare rm -rf "$PWD/up" "$PWD/work"
}

@test "idmap: where the kernel refuses it, a line says what to do" {
	run_rl '?' run --rm --network=none -v "$PWD/d:/m:idmap" $BB stat -c %u /m/file
	if [ "$status" -ne 0 ]; then
		like "$output" "*idmap*keep-id*"
		is_one_error
	fi
	refused "true or false" --mount type=tmpfs,dst=/t,ro=perhaps
}

@test "--volumes-from: ro, several, not over our own" {
	run_rl create --network=none --name from -v "$PWD/d:/m:rw" -v named:/n --mount "type=bind,src=$PWD/d,dst=/b,rw" --tmpfs /only $BB true
	r --volumes-from from:ro,z $BB sh -c 'cat /m/file; for i in /m /n /b; do touch $i/x 2>&1 | grep -c ead-only; done; ls -d /only 2>&1 | grep -c "No such"'
	is "$output" $'data\n1\n1\n1\n1'
	r --volumes-from from -v other:/m $BB sh -c 'ls /m; touch /b/x'
	is "$output" ""
	refused "ro, rw, z" --volumes-from from:bogus
	rl rm from
}

@test "--image-volume: anonymous, tmpfs, ignore" {
	run_rl run --network=none --name base $BB sh -c 'mkdir /vol; echo img > /vol/f'
	run_rl commit -q --change 'VOLUME /vol' base localhost/withvol
	for mode in bind anonymous tmpfs ignore; do
		r --image-volume=$mode localhost/withvol sh -c 'cat /vol/f; grep -c " /vol " /proc/self/mountinfo' || true
		like "$output" "img*"
		[ "$mode" != ignore ] || is "${lines[1]}" 0
		[ "$mode" = ignore ] || is "${lines[1]}" 1
	done
	refused anonymous --image-volume nonsense
	rl rmi -f localhost/withvol
}

@test "what is wrong is told in one line: option, value, what is accepted" {
	refused size --mount type=tmpfs,dst=/t,tmpfs-size=big
	refused octal --mount type=tmpfs,dst=/t,tmpfs-mode=9
	refused "octal" --tmpfs /t:mode=rwx
	refused "rslave" --mount "type=bind,src=$PWD/d,dst=/m,bind-propagation=up"
	refused "shared or private" --mount type=volume,src=a,dst=/m,relabel=both
	refused "accepted are" --mount type=volume,src=a,dst=/m,tmpfs-size=1m
	refused "exclude each other" -v "$PWD/d:/m:shared,private"
	refused "exclude each other" -v "$PWD/d:/m:z,Z"
	refused "opposite" -v "$PWD/d:/m:ro,rw"
	refused "accepted are" -v "$PWD/d:/m:copy"
	refused "option O" -v "$PWD/d:/m:upperdir=/x,workdir=/y"
	refused "come together" -v "$PWD/d:/m:O,upperdir=/x"
	refused "absolute" --mount type=tmpfs,dst=rel
	refused "number" --mount type=devpts,dst=/p,max=many
	refused "local" --mount type=volume,dst=/v,volume-driver=nfs
	refused "enabled" --mount "type=bind,src=$PWD/d,dst=/m,bind-recursive=maybe"
	refused "cp" --mount "type=bind,src=$PWD/d,dst=/m,no-dereference"
	refused "accepted are" --tmpfs /t:bind
}
