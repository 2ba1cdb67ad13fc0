/* SPDX-License-Identifier: Apache-2.0 */
/* rootlet doctor: every precondition of a container, what a missing one costs, and the remedy. */
#include "cli/doctor.h"

#include "base/str.h"
#include "base/template.h"
#include "cli/cmd.h"
#include "cli/commands.h"
#include "storage/store.h"
#include "userns/account.h"
#include "userns/session.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const status_names[] = { "ok", "degraded", "broken" };
_Static_assert(ARRAY_SIZE(status_names) == N_DOCTOR_STATUS, "a name for each status");

struct doctor_args {
	char *format;
};

void doctor_add(struct doctor *d, const struct doctor_finding *f)
{
	struct json *j = json_new_object();

	json_set_str(j, "name", f->name);
	json_set_str(j, "status", status_names[f->status]);
	json_set_str(j, "found", f->found);
	json_set_str(j, "cost", f->cost ? f->cost : "");
	json_set_str(j, "remedy", f->remedy ? f->remedy : "");
	json_add(d->findings, j);
	if (f->status > d->worst)
		d->worst = f->status;
}

/* "  label: text" with further lines under the first. */
static void add_detail(struct str *out, const char *label, const char *text)
{
	if (str_empty(text))
		return;
	str_addf(out, "              %-8s", label);
	for (; *text; text++) {
		str_addc(out, *text);
		if (*text == '\n')
			str_add(out, "                      ");
	}
	str_addc(out, '\n');
}

static void print_text(const struct doctor *d)
{
	auto_of(str_clear) struct str out = { 0 };
	size_t count[N_DOCTOR_STATUS] = { 0 };

	for (size_t i = 0; i < json_len(d->findings); i++) {
		const struct json *f = json_at(d->findings, i);
		const char *status = json_get_str(f, "status");

		for (size_t k = 0; k < N_DOCTOR_STATUS; k++)
			count[k] += strcmp(status, status_names[k]) == 0;
		str_addf(&out, "%-10s%-22s%s\n", status, json_get_str(f, "name"),
			 json_get_str(f, "found"));
		add_detail(&out, "cost:", json_get_str(f, "cost"));
		add_detail(&out, "remedy:", json_get_str(f, "remedy"));
	}
	str_addf(&out, "\n%zu ok, %zu degraded, %zu broken\n", count[0], count[1], count[2]);
	fputs(out.p, stdout);
}

static int print_findings(const struct doctor *d, const char *format, struct err *e)
{
	auto_of(str_clear) struct str out = { 0 };
	int r = 0;

	if (!format) {
		print_text(d);
		return 0;
	}
	if (strcmp(format, "json") == 0) {
		json_write(&out, d->findings, 2);
		str_addc(&out, '\n');
	} else {
		r = template_rows(&out, format, d->findings, NULL, false, e);
	}
	fputs(str_peek(&out), stdout);
	return r;
}

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
	r = print_findings(&d, args->format, e);
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
