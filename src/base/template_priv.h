/* SPDX-License-Identifier: Apache-2.0 */
/* template_priv: the parsed form of a template and the parts of its evaluation, for template*.c.
 *
 * Runs in:  any process.
 * Owns:     struct template owns all of its nodes and constants, struct template_eval all computed
 *           values: both are freed at once, so nodes and values are passed as plain borrows.
 * Needs:    nothing.
 * Fails:    EINVAL, naming line and column of the template.
 * Not here: the interface (see template.h).
 */
#pragma once

#include "base/json.h"

enum template_arg_kind {
	ARG_DOT,
	ARG_VARIABLE,	/* name; "" is $ itself, the data the template began with */
	ARG_CONST,	/* value; NULL is nil */
	ARG_FUNCTION,	/* name */
	ARG_PIPE,	/* a pipeline in parentheses */
};

struct template_arg {
	struct template_arg *next;
	enum template_arg_kind kind;
	size_t at;		/* offset in the text, for messages */
	const char *name;
	const struct json *value;
	struct template_pipe *pipe;
	struct template_field {
		struct template_field *next;
		const char *name;
	} *fields;		/* ".A.B" behind it */
};

struct template_cmd {
	struct template_cmd *next;
	struct template_arg *args;
};

struct template_pipe {
	size_t at;
	const char *vars[2];	/* "$a, $b :=": names without '$', or NULL */
	bool is_assign;		/* "=", not ":=" */
	struct template_cmd *cmds;
};

enum template_node_kind {
	NODE_TEXT, NODE_ACTION, NODE_IF, NODE_WITH, NODE_RANGE, NODE_BREAK, NODE_CONTINUE,
};

struct template_node {
	struct template_node *next;
	enum template_node_kind kind;
	const char *text;	/* NODE_TEXT: borrowed from the template's text */
	size_t len;
	struct template_pipe *pipe;
	struct template_node *body, *otherwise;
};

struct template {
	const char *text;	/* borrowed */
	struct template_node *root;
	void **blocks;		/* owned: every node and name */
	size_t n_blocks;
	struct json *consts;	/* owned: array of every constant */
};

int template_parse(struct template *t, const char *text, struct err *e);
void template_clear(struct template *t);
DEFINE_AUTO_VALUE(struct template, template_clear)

/* err_set with "template:LINE:COLUMN: " before the message. */
int template_err(const struct template *t, size_t at, struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

struct template_eval {
	const struct template *t;
	struct str *out;		/* borrowed */
	const struct json *data;	/* what $ is */
	/* Headings are wanted, not values: a field is its heading, functions that would change it
	 * pass it on, and each branch and loop is walked once. */
	bool is_heading;
	const struct json *headings;	/* borrowed; may be NULL */
	struct template_var {
		const char *name;
		const struct json *value;
	} *vars;			/* owned: a stack */
	size_t n_vars, cap_vars;
	struct json *temps;		/* owned: array of computed values */
	struct err *e;
};

int template_run(struct template_eval *ev);
void template_eval_clear(struct template_eval *ev);
DEFINE_AUTO_VALUE(struct template_eval, template_eval_clear)

/* Keeps a computed value until the end of the evaluation; returns a borrow. */
static inline const struct json *template_keep(struct template_eval *ev, struct json *taken)
{
	json_add(ev->temps, taken);
	return taken;
}

/* Values (template_value.c). As Go prints with %v. NULL: "<no value>"; inside another value, or as the
 * argument of a function: "<nil>". */
void template_print(struct str *out, const struct json *j);
bool template_is_time(const struct json *j);
void template_time_print(struct str *out, const char *rfc3339);
/* Methods of a point in time; NULL: there is none of that name, or no such time. */
const struct json *template_time_field(struct template_eval *ev, const struct json *j, const char *name);
const struct json *template_time_format(struct template_eval *ev, const struct json *j, const char *layout);
void template_print_inner(struct str *out, const struct json *j);
bool template_is_true(const struct json *j);
/* Indexes of the members in the order of their names. Owned. */
size_t *template_sorted_members(const struct json *obj);

struct template_call {
	struct template_eval *ev;
	const char *name;
	size_t at;
	const struct json **args;
	size_t n;
};

int template_call(struct template_call *c, const struct json **out);
bool template_has_function(const char *name);
int template_printf(struct template_call *c, struct str *out);
