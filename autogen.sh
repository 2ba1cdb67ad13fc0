#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes configure and Makefile.in from a fresh checkout.
set -e
cd "$(dirname "$0")"
for tool in autoreconf automake pkg-config; do
	if ! command -v "$tool" >/dev/null 2>&1; then
		echo "autogen.sh: $tool is missing: run contrib/install-deps" >&2
		exit 1
	fi
done
exec autoreconf --force --install "$@"
