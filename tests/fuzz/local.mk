# SPDX-License-Identifier: Apache-2.0
# libFuzzer targets, built with --enable-fuzzers (clang). tests/fuzz/run runs them all.
EXTRA_DIST += tests/fuzz/run tests/fuzz/corpus
if ENABLE_FUZZERS
LDFLAGS_FUZZ = $(AM_LDFLAGS) -fsanitize=fuzzer
FUZZ_LIBS = $(LIBS_IMAGE) $(LIBS_FLOOR2) $(LIBS_BASE) $(ROOTLET_LIBS)

noinst_PROGRAMS += tests/fuzz/fuzz_files
tests_fuzz_fuzz_files_SOURCES = tests/fuzz/fuzz_files.c tests/fuzz/fuzz.h tests/fuzz/fuzz_dir.h
tests_fuzz_fuzz_files_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_fuzz_files_LDADD = $(LIBS_CONTAINER) $(LIBS_IMAGE) $(FUZZ_LIBS)

noinst_PROGRAMS += tests/fuzz/fuzz_image_config
tests_fuzz_fuzz_image_config_SOURCES = tests/fuzz/fuzz_image_config.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_image_config_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_fuzz_image_config_LDADD = $(LIBS_CONTAINER) $(FUZZ_LIBS)

noinst_PROGRAMS += tests/fuzz/fuzz_json
tests_fuzz_fuzz_json_SOURCES = tests/fuzz/fuzz_json.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_json_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_fuzz_json_LDADD = $(FUZZ_LIBS)

noinst_PROGRAMS += tests/fuzz/fuzz_layer
tests_fuzz_fuzz_layer_SOURCES = tests/fuzz/fuzz_layer.c tests/fuzz/fuzz.h tests/fuzz/fuzz_dir.h
tests_fuzz_fuzz_layer_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_fuzz_layer_LDADD = librootletimage.a $(FUZZ_LIBS) $(IMAGE_LIBS)

noinst_PROGRAMS += tests/fuzz/fuzz_manifest
tests_fuzz_fuzz_manifest_SOURCES = tests/fuzz/fuzz_manifest.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_manifest_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_fuzz_manifest_LDADD = librootletimage.a $(FUZZ_LIBS) $(IMAGE_LIBS)

noinst_PROGRAMS += tests/fuzz/fuzz_mount
tests_fuzz_fuzz_mount_SOURCES = tests/fuzz/fuzz_mount.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_mount_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_fuzz_mount_LDADD = $(LIBS_CONTAINER) $(FUZZ_LIBS)

noinst_PROGRAMS += tests/fuzz/fuzz_opt
tests_fuzz_fuzz_opt_SOURCES = tests/fuzz/fuzz_opt.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_opt_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_fuzz_opt_LDADD = $(FUZZ_LIBS)

noinst_PROGRAMS += tests/fuzz/fuzz_paste
tests_fuzz_fuzz_paste_SOURCES = tests/fuzz/fuzz_paste.c tests/fuzz/fuzz.h tests/fuzz/fuzz_dir.h
tests_fuzz_fuzz_paste_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_fuzz_paste_LDADD = $(LIBS_CONTAINER) $(FUZZ_LIBS)

noinst_PROGRAMS += tests/fuzz/fuzz_reference
tests_fuzz_fuzz_reference_SOURCES = tests/fuzz/fuzz_reference.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_reference_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_fuzz_reference_LDADD = $(FUZZ_LIBS)

noinst_PROGRAMS += tests/fuzz/fuzz_registries
tests_fuzz_fuzz_registries_SOURCES = tests/fuzz/fuzz_registries.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_registries_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_fuzz_registries_LDADD = librootletimage.a $(FUZZ_LIBS) $(IMAGE_LIBS)

noinst_PROGRAMS += tests/fuzz/fuzz_relay
tests_fuzz_fuzz_relay_SOURCES = tests/fuzz/fuzz_relay.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_relay_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_fuzz_relay_LDADD = $(LIBS_CONTAINER) $(FUZZ_LIBS)

noinst_PROGRAMS += tests/fuzz/fuzz_seccomp
tests_fuzz_fuzz_seccomp_SOURCES = tests/fuzz/fuzz_seccomp.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_seccomp_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_fuzz_seccomp_LDADD = $(FUZZ_LIBS)

noinst_PROGRAMS += tests/fuzz/fuzz_tar
tests_fuzz_fuzz_tar_SOURCES = tests/fuzz/fuzz_tar.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_tar_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_fuzz_tar_LDADD = librootletimage.a $(FUZZ_LIBS) $(IMAGE_LIBS)

noinst_PROGRAMS += tests/fuzz/fuzz_template
tests_fuzz_fuzz_template_SOURCES = tests/fuzz/fuzz_template.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_template_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_fuzz_template_LDADD = $(FUZZ_LIBS)

noinst_PROGRAMS += tests/fuzz/fuzz_toml
tests_fuzz_fuzz_toml_SOURCES = tests/fuzz/fuzz_toml.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_toml_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_fuzz_toml_LDADD = $(FUZZ_LIBS)

noinst_PROGRAMS += tests/fuzz/fuzz_words
tests_fuzz_fuzz_words_SOURCES = tests/fuzz/fuzz_words.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_words_LDFLAGS = $(LDFLAGS_FUZZ)
tests_fuzz_fuzz_words_LDADD = $(LIBS_CONTAINER) $(FUZZ_LIBS)
endif
