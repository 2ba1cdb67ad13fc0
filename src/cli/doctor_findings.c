/* SPDX-License-Identifier: Apache-2.0 */
/* What the examination has found, and how it is told. */
#include "cli/doctor.h"

#include "base/str.h"
#include "base/template.h"

#include <stdio.h>
#include <string.h>

static const char *const status_names[] = { "ok", "degraded", "broken" };
_Static_assert(ARRAY_SIZE(status_names) == N_DOCTOR_STATUS, "a name for each status");

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

int doctor_print(const struct doctor *d, const char *format, struct err *e)
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
