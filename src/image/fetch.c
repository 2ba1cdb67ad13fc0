/* SPDX-License-Identifier: Apache-2.0 */
#include "image/fetch.h"

#include "base/fd.h"
#include "base/ident.h"
#include "base/proc.h"
#include "image/transfer.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { MAX_OUTPUT = 64 << 10 };

static void make_argv(struct strv *argv, const struct fetch_args *a)
{
	auto_of(strv_clear) struct strv operands = { 0 };
	autofree char *retry = a->retry >= 0 ? xasprintf("%lld", (long long)a->retry) : NULL;
	/* Nothing here is owned: the struct is only read by transfer_argv. */
	struct transfer_pull p = {
		.policy = (char *)(a->is_if_newer ? "newer" : "always"),
		.platform = { (char *)a->platform, (char *)a->os, (char *)a->arch,
			      (char *)a->variant },
		.registry = {
			.authfile = (char *)a->authfile,
			.cert_dir = (char *)a->cert_dir,
			.creds = (char *)a->creds,
			.signature_policy = (char *)a->signature_policy,
			.retry = retry,
			.retry_delay = (char *)a->retry_delay,
			.tls_verify = a->tls_verify,
		},
		.quiet = a->is_quiet,
	};

	strv_add(&operands, a->name);
	transfer_argv(argv, "pull", transfer_pull_opts, &p, &operands);
}

/* The last line of what the child printed. */
static char *last_id(char *text)
{
	char *line;

	while (*text && text[strlen(text) - 1] == '\n')
		text[strlen(text) - 1] = '\0';
	line = strrchr(text, '\n');
	return line ? line + 1 : text;
}

int fetch_image(const struct fetch_args *a, char **image_id, struct err *e)
{
	auto_of(strv_clear) struct strv argv = { 0 };
	auto_of(proc_clear) struct proc child = { .pidfd = -1 };
	autoclose int out_fd = -1, in_fd = -1;
	autofree char *text = NULL;
	struct proc_args args = { .stdin_fd = -1, .stderr_fd = STDERR_FILENO };
	int p[2], r, status;
	size_t len;

	r = transfer_program(&argv, a->store, e);
	if (r < 0)
		return r;
	make_argv(&argv, a);
	r = fd_pipe(p);
	if (r < 0)
		return err_sys(e, -r, "make a pipe");
	out_fd = p[0];
	in_fd = p[1];
	args.argv = (const char *const *)argv.v;
	args.stdout_fd = in_fd;
	args.parent_death_signal = SIGTERM;	/* nobody is left who wants the image */
	r = proc_spawn(&child, &args, e);
	if (r < 0)
		return r;
	fd_close(&in_fd);
	r = fd_read_all(out_fd, &text, &len, MAX_OUTPUT);
	status = proc_wait(&child, e);
	if (status < 0)
		return status;
	if (status != 0)
		return err_set(e, ERR_REPORTED, "pull of %s failed", a->name);
	if (r < 0 || !ident_is_id(last_id(text)))
		return err_set(e, EPROTO, "rootlet-image did not say which image %s is", a->name);
	*image_id = xstrdup(last_id(text));
	return 0;
}
