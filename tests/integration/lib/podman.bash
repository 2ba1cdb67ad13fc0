# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# rootlet under the name of podman, for what podman's users look for in output and errors.

# says STATUS PATTERN COMMAND...: what is on stderr fits the pattern.
says() {
	local status=$1 pattern=$2
	shift 2
	run "-$status" --separate-stderr podman "$@"
	like "$stderr" "$pattern" "$*"
}
