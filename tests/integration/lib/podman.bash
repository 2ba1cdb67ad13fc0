# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# rootlet under the name of podman, for what podman's users look for in output and errors.

# In setup_file, behind common_setup_file: podman in PATH is rootlet with the file's store.
podman_setup_file() {
	mkdir "$BATS_FILE_TMPDIR/bin"
	printf '#!/bin/bash\nexec -a podman "%s" --root "%s" "$@"\n' "$ROOTLET" "$ROOT" \
		> "$BATS_FILE_TMPDIR/bin/podman"
	chmod 0755 "$BATS_FILE_TMPDIR/bin/podman"
	PATH=$BATS_FILE_TMPDIR/bin:$PATH
	export PATH
}

# says STATUS PATTERN COMMAND...: what is on stderr fits the pattern.
says() {
	local status=$1 pattern=$2
	shift 2
	run "-$status" --separate-stderr podman "$@"
	like "$stderr" "$pattern" "$*"
}
