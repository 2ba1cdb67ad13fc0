# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libimage.a
libimage_a_SOURCES = \
	src/image/auth.c \
	src/image/auth.h \
	src/image/auth_file.c \
	src/image/auth_file.h \
	src/image/catalog.c \
	src/image/catalog.h \
	src/image/describe.c \
	src/image/describe.h \
	src/image/describe_docker.c \
	src/image/describe_docker.h \
	src/image/naming.c \
	src/image/naming.h \
	src/image/platform.c \
	src/image/platform.h \
	src/image/reference.c \
	src/image/reference.h \
	src/image/registries.c \
	src/image/registries.h \
	src/image/registries_conf.c \
	src/image/registries_priv.h \
	src/image/resolve.c \
	src/image/resolve.h

# Transport: what moves images in and out. The light half, for rootlet as well:
libimage_a_SOURCES += \
	src/image/commit_opts.c \
	src/image/commit_opts.h \
	src/image/fetch.c \
	src/image/fetch.h \
	src/image/instruction.c \
	src/image/instruction.h \
	src/image/manifest.c \
	src/image/manifest.h \
	src/image/policy.c \
	src/image/policy.h \
	src/image/transfer.c \
	src/image/transfer.h \
	src/image/trust.c \
	src/image/trust.h
# and the heavy half, for rootlet-image only.
librootletimage_a_SOURCES += \
	src/image/bundle.c \
	src/image/bundle.h \
	src/image/cancel.c \
	src/image/cancel.h \
	src/image/certs.c \
	src/image/certs.h \
	src/image/docker_words.c \
	src/image/docker_words.h \
	src/image/commit.c \
	src/image/commit.h \
	src/image/commit_layer.c \
	src/image/commit_layer.h \
	src/image/digest.c \
	src/image/digest.h \
	src/image/http.c \
	src/image/http.h \
	src/image/import.c \
	src/image/import.h \
	src/image/install.c \
	src/image/install.h \
	src/image/layer_source.c \
	src/image/layer_source.h \
	src/image/load.c \
	src/image/load.h \
	src/image/logon.c \
	src/image/logon.h \
	src/image/manifest_fetch.c \
	src/image/manifest_fetch.h \
	src/image/outbox.c \
	src/image/outbox.h \
	src/image/place.c \
	src/image/place.h \
	src/image/progress.c \
	src/image/progress.h \
	src/image/pull.c \
	src/image/pull.h \
	src/image/pull_image.c \
	src/image/pull_image.h \
	src/image/remote.c \
	src/image/remote.h \
	src/image/push.c \
	src/image/push.h \
	src/image/push_image.c \
	src/image/push_image.h \
	src/image/push_layer.c \
	src/image/push_layer.h \
	src/image/remote_auth.c \
	src/image/remote_get.c \
	src/image/remote_priv.h \
	src/image/remote_push.c \
	src/image/remote_push.h \
	src/image/remote_send.c \
	src/image/ring.c \
	src/image/ring.h \
	src/image/sandbox.c \
	src/image/sandbox.h \
	src/image/save.c \
	src/image/save.h \
	src/image/search.c \
	src/image/search.h \
	src/image/spool.c \
	src/image/spool.h \
	src/image/unpack.c \
	src/image/unpack.h \
	src/image/unzip.c \
	src/image/unzip.h \
	src/image/verify.c \
	src/image/verify.h \
	src/image/zip.c \
	src/image/zip.h
