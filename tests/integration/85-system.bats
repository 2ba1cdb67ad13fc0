#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# system df, system prune, system check.

load lib/common
setup_file() {
	need jq
	common_setup_file
}
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

df_json() {
	rl system df -v --format json
}

@test "df counts a shared layer once, and tells shared from unique sizes" {
	size=$(rl image inspect --format '{{.Size}}' "$BB")
	rl run --name c1 --network=none "$BB" sh -c 'head -c 300000 /dev/zero > /big'
	rl commit -q c1 two
	run_rl system df --format '{{.Type}} {{.Total}} {{.Active}} {{.RawSize}} {{.RawReclaimable}}'
	like "${lines[0]}" "Images 2 1 $((size + 300000)) 300000"
	like "${lines[1]}" "Containers 1 0 3????? 3?????"
	like "${lines[2]}" "Local Volumes 0 0 0 0"
	df_json > "$BATS_TEST_TMPDIR/df"
	is "$(jq '.Images[] | select(.Names[0] == "localhost/two:latest") | .SharedSize, .UniqueSize' "$BATS_TEST_TMPDIR/df" | xargs)" \
		"$size 300000"
	is "$(jq '.Images[] | select(.Names[0] == "localhost/bb:latest") | .Containers' "$BATS_TEST_TMPDIR/df")" 1
	rl rm c1
	rl rmi two
}

@test "df: table, -v, json and templates" {
	rl volume create data
	rl run --name c2 -v data:/data --network=none "$BB" sh -c 'echo 12345 > /data/x'
	run_rl system df
	like "${lines[0]}" "TYPE*TOTAL*ACTIVE*SIZE*RECLAIMABLE"
	like "${lines[1]}" "Images*1*1*B*0B (0%)"
	like "${lines[3]}" "Local Volumes*1*1*6B*0B (0%)"
	run_rl system df -v
	like "$output" "*REPOSITORY*SHARED SIZE*UNIQUE SIZE*CONTAINERS*localhost/bb*latest*"
	like "$output" "*CONTAINER ID*LOCAL VOLUMES*sh -c*exited*c2*"
	like "$output" "*VOLUME NAME*LINKS*SIZE*data*1*6B*"
	is "$(df_json | jq -c '.Volumes')" '[{"Name":"data","Links":1,"Size":6}]'
	is "$(df_json | jq '.Containers[0].LocalVolumes')" 1
	is "$(rl system df --format json | jq -r '.[2].Type, .[2].TotalCount, .[2].Size' | xargs)" "Local Volumes 1 6B"
	run_rl 125 system df --format '{{.Nope}}'
	is_one_error
	rl rm c2
	rl volume rm data
}

@test "df: a container on a root file system of the host" {
	mkdir "$BATS_TEST_TMPDIR/root"
	rl create --name c3 --network=none host:/ true
	run_rl system df -v
	like "$output" "*c3*"
	rl rm c3
}

@test "prune removes stopped containers and unnamed images, and no more" {
	rl volume create kept
	rl run --name gone --network=none "$BB" touch /x
	rl commit -q gone nameless
	rl untag nameless
	rl run -d --name stays --network=none "$BB" sleep 1000
	run_rl system prune <<< n
	like "$output" "WARNING!*all stopped containers*all dangling images*"
	run_rl container exists gone
	run_rl system prune -f
	like "$output" "*Deleted Containers*Deleted Images*Total reclaimed space: *B"
	run_rl 1 container exists gone
	run_rl container exists stays
	run_rl volume exists kept
	is "$(rl images -q | wc -l)" 1
	run_rl system prune -f --volumes
	like "$output" "*Deleted Volumes
kept*"
	run_rl 1 volume exists kept
	rl rm -ft0 stays
}

@test "prune --all, --filter and what is refused" {
	rl tag "$BB" other
	rl create --name old --label a=b "$BB"
	rl create --name new --label c=d "$BB"
	run_rl system prune -f --filter label=a=b
	run_rl 1 container exists old
	run_rl container exists new
	run_rl system prune -f --filter until=1h
	run_rl container exists new
	run_rl 125 system prune -f --filter nonsense=1
	is_one_error
	run_rl 125 system prune -f --external --volumes
	rl rm new
	run_rl system prune -f --external
	run_rl image exists "$BB"
	run_rl system prune -af
	like "$output" "*Deleted Images*Total reclaimed space: *MB"
	run_rl 1 image exists "$BB"
	is "$(ls "$ROOT/layers" | wc -l)" 0
}

load_bb() {
	r load -q -i "$(fixture_busybox)"
	r tag "$(r images -q | head -1)" "$BB"
}

@test "check reads the layers, unless --quick; --repair and --force" {
	other=$BATS_TEST_TMPDIR/store
	r() { "$ROOTLET" --root "$other" "$@"; }
	load_bb
	run -0 r system check
	is "$output" ""
	r create --name c --network=none "$BB" true
	r unshare sh -c "find $other/layers/*/diff -type f -size +100k | head -1 | xargs -I% sh -c 'printf XXXX | dd of=% bs=1 seek=5000 conv=notrunc status=none'"
	run -0 r system check --quick
	run -1 r system check
	like "$output" "layer *no longer give the archive*remedy: pull its image again*"
	run -1 r system check --repair
	like "$output" "layer *remedy*"
	run -0 r image exists "$BB"
	run -0 r system check --repair --force
	like "$output" "*repaired*"
	run -1 r container exists c
	run -0 r system check
	is "$output" ""
	run -125 r system check --force
	is_one_error
	remove_store "$other"
}

@test "check --repair --max keeps young unused layers" {
	other=$BATS_TEST_TMPDIR/store
	r() { "$ROOTLET" --root "$other" "$@"; }
	load_bb
	r unshare sh -c "rm -r $other/images/*[0-9a-f] $other/images/names/*"
	r system check > /dev/null || true
	run -0 r system check --repair --max 1h
	is "$(ls "$other"/layers/*/layer.json | wc -l)" 1
	run -0 r system check --repair
	is "$(find "$other/layers" -name layer.json | wc -l)" 0
	remove_store "$other"
}
