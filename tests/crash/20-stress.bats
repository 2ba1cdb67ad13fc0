#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# 100 containers, 8 clients, and somebody who kills. STRESS_SECONDS=300 STRESS_SEED=N for more of it.

load ../integration/lib/common
setup_file() {
	export BATS_TEST_TIMEOUT=$((${STRESS_SECONDS:-30} + 240))
	common_setup_file
}
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

@test "containers started, stopped and killed at random: nothing leaks, nothing is lost" {
	run "$BATS_TEST_DIRNAME/stress" --seconds "${STRESS_SECONDS:-30}" ${STRESS_SEED:+--seed $STRESS_SEED}
	echo "$output"
	is "$status" 0
}
