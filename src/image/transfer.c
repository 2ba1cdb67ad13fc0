/* SPDX-License-Identifier: Apache-2.0 */
#include "image/transfer.h"

#include "base/log.h"
#include "base/persona.h"
#include "base/proc.h"
#include "storage/driver.h"
#include "storage/store.h"

#include <string.h>

#define NO_SIGNING "images are not signed here: sign after the push, with skopeo or cosign"
#define NO_ENCRYPTION "encrypted images"

static const struct opt registry_opts[] = {
	OPT_STR(0, "authfile", struct transfer_registry, authfile, "FILE",
		"credentials file (default: auth.json, then ~/.docker/config.json)"),
	OPT_STR(0, "cert-dir", struct transfer_registry, cert_dir, "DIR",
		"certificates of the registry: *.crt, *.cert, *.key"),
	OPT_STR(0, "creds", struct transfer_registry, creds, "USER[:PASSWORD]",
		"user name and password for the registry"),
	OPT_TRISTATE(0, "tls-verify", struct transfer_registry, tls_verify,
		     "verify the registry's certificate (default: as registries.conf says)"),
	OPT_STR(0, "retry", struct transfer_registry, retry, "N",
		"tries after a broken connection (default 3)"),
	OPT_STR(0, "retry-delay", struct transfer_registry, retry_delay, "DURATION",
		"time between tries (default: 1s, doubled each time)"),
	OPT_STR_HIDDEN(0, "signature-policy", struct transfer_registry, signature_policy, "FILE",
		       "policy.json to use"),
	OPT_END,
};

static const struct opt platform_opts[] = {
	OPT_STR(0, "os", struct transfer_platform, os, "OS", "operating system instead of this one"),
	OPT_STR(0, "arch", struct transfer_platform, arch, "ARCH",
		"architecture instead of this machine's"),
	OPT_STR(0, "variant", struct transfer_platform, variant, "VARIANT",
		"variant of the architecture"),
	OPT_END,
};

const struct opt transfer_pull_opts[] = {
	OPT_FLAG('a', "all-tags", struct transfer_pull, all_tags,
		 "pull every tag of the repository"),
	OPT_STR(0, "policy", struct transfer_pull, policy, "always|missing|newer|never",
		"when to ask the registry (default always)"),
	OPT_STR(0, "platform", struct transfer_pull, platform.platform, "OS/ARCH[/VARIANT]",
		"platform to take from a list of images"),
	OPT_GROUP(platform_opts, struct transfer_pull, platform),
	OPT_GROUP(registry_opts, struct transfer_pull, registry),
	OPT_FLAG('q', "quiet", struct transfer_pull, quiet, "print the image id only"),
	OPT_FLAG_HIDDEN(0, "disable-content-trust", struct transfer_pull, ignored,
			"Docker's notary; there is none here, as in Podman"),
	OPT_LATER(0, "decryption-key", "KEY", NO_ENCRYPTION),
	OPT_END,
};

const struct opt transfer_load_opts[] = {
	OPT_NEVER(0, "platform", "OS/ARCH", "an image is of one platform here: choose it at the pull"),
	OPT_STR('i', "input", struct transfer_load, input, "FILE",
		"archive or OCI layout directory (default: standard input)"),
	OPT_FLAG('q', "quiet", struct transfer_load, quiet, "show no progress"),
	OPT_STR_HIDDEN(0, "signature-policy", struct transfer_load, signature_policy, "FILE",
		       "policy.json to use"),
	OPT_END,
};

const struct opt transfer_save_opts[] = {
	OPT_NEVER(0, "platform", "OS/ARCH", "an image is of one platform here: choose it at the pull"),
	OPT_NEVER(0, "signature-policy", "PATH", "nothing is checked against policy.json here"),
	OPT_STR(0, "format", struct transfer_save, format, "FORMAT",
		"docker-archive (default), oci-archive, oci-dir, docker-dir"),
	OPT_STR('o', "output", struct transfer_save, output, "FILE",
		"file or directory to write (default: standard output)"),
	OPT_FLAG('m', "multi-image-archive", struct transfer_save, multi_image,
		 "every operand is an image, not a further name of the first"),
	OPT_FLAG(0, "compress", struct transfer_save, compress,
		 "compress the layers of docker-dir with gzip"),
	OPT_FLAG(0, "uncompressed", struct transfer_save, uncompressed,
		 "leave the layers of the OCI formats uncompressed"),
	OPT_FLAG('q', "quiet", struct transfer_save, quiet, "show no progress"),
	OPT_END,
};

const struct opt transfer_import_opts[] = {
	OPT_NEVER(0, "platform", "OS/ARCH", "use --os, --arch and --variant"),
	OPT_NEVER(0, "signature-policy", "PATH", "nothing is checked against policy.json here"),
	OPT_LIST('c', "change", struct transfer_import, changes, "INSTRUCTION",
		 "Containerfile instruction applied to the configuration: CMD, ENTRYPOINT, ENV, "
		 "EXPOSE, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME, WORKDIR"),
	OPT_STR('m', "message", struct transfer_import, message, "TEXT",
		"comment in the image's history"),
	OPT_GROUP(platform_opts, struct transfer_import, platform),
	OPT_FLAG('q', "quiet", struct transfer_import, quiet, "print the image id only"),
	OPT_END,
};

const struct opt transfer_manifest_opts[] = {
	{ 0, NULL, OPT_KIND_GROUP, false, 0, NULL, NULL, registry_opts, NULL },
	OPT_END,
};

const struct opt transfer_login_opts[] = {
	OPT_STR(0, "cert-dir", struct transfer_registry, cert_dir, "DIR", ""),
	OPT_TRISTATE(0, "tls-verify", struct transfer_registry, tls_verify, ""),
	OPT_END,
};

const struct opt transfer_push_opts[] = {
	OPT_FLAG('a', "all-tags", struct transfer_push, all_tags,
		 "push every name that the repository has here"),
	OPT_GROUP(registry_opts, struct transfer_push, registry),
	OPT_FLAG(0, "compress", struct transfer_push, compress,
		 "compress the layers of a dir: destination with gzip"),
	OPT_STR(0, "compression-format", struct transfer_push, compression_format, "gzip|zstd",
		"how layers are compressed that are not compressed yet (default gzip)"),
	OPT_STR(0, "compression-level", struct transfer_push, compression_level, "N",
		"1 (fast) to 9 for gzip, 1 to 20 for zstd"),
	OPT_STR(0, "digestfile", struct transfer_push, digest_file, "FILE",
		"write the digest of the manifest there"),
	OPT_FLAG(0, "force-compression", struct transfer_push, force_compression,
		 "use no layer that the registry has in another compression"),
	OPT_STR('f', "format", struct transfer_push, format, "oci|v2s2",
		"media types of the manifest (default: those the image has)"),
	OPT_STR(0, "platform", struct transfer_push, platform, "OS/ARCH[/VARIANT]",
		"push only if the image is for that platform"),
	OPT_FLAG('q', "quiet", struct transfer_push, quiet, "show no progress"),
	OPT_FLAG_HIDDEN(0, "remove-signatures", struct transfer_push, remove_signatures,
			"no signatures are kept here, so that none go along"),
	OPT_FLAG_HIDDEN(0, "disable-content-trust", struct transfer_push, ignored,
			"Docker's notary; there is none here, as in Podman"),
	OPT_LATER(0, "sign-by", "FINGERPRINT", NO_SIGNING),
	OPT_LATER(0, "sign-by-sigstore", "FILE", NO_SIGNING),
	OPT_LATER(0, "sign-by-sigstore-private-key", "FILE", NO_SIGNING),
	OPT_LATER(0, "sign-by-sq-fingerprint", "FINGERPRINT", NO_SIGNING),
	OPT_LATER(0, "sign-passphrase-file", "FILE", NO_SIGNING),
	OPT_LATER(0, "encryption-key", "KEY", NO_ENCRYPTION),
	OPT_LATER(0, "encrypt-layer", "N", NO_ENCRYPTION),
	OPT_END,
};

const struct opt transfer_search_opts[] = {
	OPT_FLAG(0, "compatible", struct transfer_search, compatible,
		 "Docker's columns: stars, official, automated"),
	OPT_LIST('f', "filter", struct transfer_search, filters, "KEY=VALUE",
		 "only those that match: stars=N, is-official=BOOL, is-automated=BOOL"),
	OPT_STR(0, "format", struct transfer_search, format, "FORMAT",
		"json, table TEMPLATE or a Go template"),
	OPT_STR(0, "limit", struct transfer_search, limit, "N", "most results of a registry (default 25)"),
	OPT_FLAG(0, "list-tags", struct transfer_search, list_tags, "the tags of one repository"),
	OPT_FLAG(0, "no-trunc", struct transfer_search, no_trunc, "whole descriptions"),
	OPT_GROUP(registry_opts, struct transfer_search, registry),
	OPT_END,
};

/* --- and back to words ---------------------------------------------------- */

static void add_option(struct strv *argv, const struct opt *o, const char *at)
{
	const struct strv *list;
	const char *text;
	int tristate;
	bool flag;

	switch (o->kind) {
	case OPT_KIND_FLAG:
		memcpy(&flag, at, sizeof(flag));
		if (flag)
			strv_addf(argv, "--%s", o->name);
		break;
	case OPT_KIND_TRISTATE:
		memcpy(&tristate, at, sizeof(tristate));
		if (tristate >= 0)
			strv_addf(argv, "--%s=%s", o->name, tristate ? "true" : "false");
		break;
	case OPT_KIND_STR:
		memcpy(&text, at, sizeof(text));
		if (text)
			strv_addf(argv, "--%s=%s", o->name, text);
		break;
	case OPT_KIND_LIST:
		list = (const void *)at;
		for (size_t i = 0; i < list->n; i++)
			strv_addf(argv, "--%s=%s", o->name, list->v[i]);
		break;
	default:
		break;	/* kinds that hold no value, and none of the others is in these tables */
	}
}

static void add_options(struct strv *argv, const struct opt *table, const char *args)
{
	for (const struct opt *o = table; o->kind != OPT_KIND_END; o++) {
		if (o->kind == OPT_KIND_GROUP)
			add_options(argv, o->detail, args + o->offset);
		else
			add_option(argv, o, args + o->offset);
	}
}

void transfer_argv(struct strv *argv, const char *verb, const struct opt *table,
		   const void *args, const struct strv *operands)
{
	strv_add(argv, verb);
	add_options(argv, table, args);
	strv_add(argv, "--");
	strv_add_all(argv, operands);
}

int transfer_program(struct strv *argv, const struct store *s, struct err *e)
{
	autofree char *path = NULL;
	int r = proc_find_sibling("rootlet-image", &path);

	if (r < 0)
		return err_set(e, ENOENT, "rootlet-image is not installed beside rootlet: it does all "
			       "that touches registries and archives");
	strv_add_take(argv, steal_ptr(&path));
	strv_addf(argv, "--root=%s", s->root);
	strv_addf(argv, "--storage-driver=%s", s->driver->name);
	for (size_t i = 0; i < s->driver_opts.n; i++)
		strv_addf(argv, "--storage-opt=%s", s->driver_opts.v[i]);
	if (s->is_single_id)
		strv_add(argv, "--single-id");
	if (persona_get() != PERSONA_ROOTLET)
		strv_addf(argv, "--persona=%s", persona_name());
	if (log_is_on(LEVEL_DEBUG))
		strv_add(argv, "--log-level=debug");
	return 0;
}
