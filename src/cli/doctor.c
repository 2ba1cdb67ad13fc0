/* SPDX-License-Identifier: Apache-2.0 */
/* rootlet doctor: every precondition of a container, what a missing one costs, and the remedy. */
#include "cli/doctor.h"

#include "cli/cmd.h"
#include "storage/store.h"
#include "userns/account.h"
#include "userns/session.h"

#include <unistd.h>

struct doctor_args {
	char *format;
};

static void doctor_clear(struct doctor *d)
{
	store_free(d->store);
	session_free(d->session);
	json_free(d->findings);
	free(d->user);
}
DEFINE_AUTO_VALUE(struct doctor, doctor_clear)

static int doctor_run(struct cmd_context *c, void *v, const struct strv *rest, struct err *e)
{
	auto_of(doctor_clear) struct doctor d = { .globals = c->globals };
	const struct doctor_args *args = v;
	int r;

	(void)rest;
	d.findings = json_new_array();
	if (account_find(getuid(), &d.user, NULL) < 0)
		d.user = xstrdup("USER");
	doctor_kernel_check(&d);
	doctor_ids_check(&d);
	doctor_host_check(&d);
	doctor_store_check(&d);
	r = doctor_print(&d, args->format, e);
	if (r < 0)
		return r;
	return d.worst == DOCTOR_BROKEN ? 1 : 0;
}

static const struct opt doctor_opts[] = {
	OPT_STR('f', "format", struct doctor_args, format, "FORMAT",
		"json, or a Go template for every finding"),
	OPT_END,
};

const struct cmd cmd_doctor = {
	.path = "doctor",
	.alias = "system doctor",
	.help = "examine this machine: what is missing for containers, what that costs, the remedy",
	.opts = doctor_opts,
	.args_size = sizeof(struct doctor_args),
	.fn = doctor_run,
};
