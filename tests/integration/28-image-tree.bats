#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# image tree, and fields of image lists.

load lib/common
setup_file() {
	common_setup_file
	rl run --name c --network=none "$BB" sh -c 'head -c 200000 /dev/zero > /big'
	rl commit -q c two
	rl rm c
}
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

@test "the layers of an image, and which image ends with which" {
	run_rl image tree two
	like "${lines[0]}" "Image ID: ????????????"
	is "${lines[1]}" "Tags:     [localhost/two:latest]"
	like "${lines[2]}" "Size:     *MB"
	is "${lines[3]}" "Image Layers"
	like "${lines[-2]}" "├── ID: ???????????? Size: *MB Top Layer of: [[]$BB[]]"
	like "${lines[-1]}" "└── ID: ???????????? Size:   200kB Top Layer of: [[]localhost/two:latest[]]"
}

@test "what stands on an image" {
	run_rl image tree --whatrequires "$BB"
	is "${#lines[@]}" 6
	like "${lines[4]}" "└── ID: * Top Layer of: [[]$BB[]]"
	like "${lines[5]}" "    └── ID: * Size:   200kB Top Layer of: [[]localhost/two:latest[]]"
	run_rl image tree --whatrequires two
	is "${#lines[@]}" 5
	run_rl 125 image tree no/such
	is_one_error
}

@test "images: Dangling and ReadOnly" {
	rl untag "$(rl run -d --name d --network=none "$BB" true > /dev/null; rl wait d > /dev/null; rl commit -q d)" 2> /dev/null || true
	rl rm d
	run_rl images --filter dangling=true --format '{{.IsDangling}} {{.ReadOnly}} {{.Dangling}}'
	is "$output" "true false true"
	run_rl images --format '{{.IsDangling}} {{.IsReadOnly}}' "$BB"
	is "$output" "false false"
	rl image prune -f
}
