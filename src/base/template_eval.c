/* SPDX-License-Identifier: Apache-2.0 */
#include "base/template_priv.h"

#include "base/str.h"

#include <string.h>
#include <strings.h>

/* How a list of nodes ended, beside errors. */
enum flow { FLOW_ON, FLOW_BREAK, FLOW_CONTINUE };

void template_eval_clear(struct template_eval *ev)
{
	free(ev->vars);
	json_free(ev->temps);
	ev->vars = NULL;
	ev->temps = NULL;
}

/* Fields. */

static const struct json *heading_of(struct template_eval *ev, const char *name)
{
	const struct json *known = json_get(ev->headings, name);
	auto_of(str_clear) struct str words = { 0 };

	if (known)
		return known;
	/* ImageID is IMAGE ID, and CIDFile is CID FILE. */
	for (const char *p = name; *p; p++) {
		bool is_small = *p >= 'a' && *p <= 'z', is_large = *p >= 'A' && *p <= 'Z';
		bool was_small = p > name && p[-1] >= 'a' && p[-1] <= 'z';
		bool was_large = p > name && p[-1] >= 'A' && p[-1] <= 'Z';

		if (is_large && (was_small || (was_large && p[1] >= 'a' && p[1] <= 'z')))
			str_addc(&words, ' ');
		str_addc(&words, is_small ? *p - ('a' - 'A') : *p);
	}
	return template_keep(ev, json_new_string(str_peek(&words)));
}

/* Objects are Go's structs and maps alike here. A struct has all of its fields, so asking for
 * another one is a mistake; a map just does not have the key. */
static bool is_struct(const struct template_eval *ev, const struct json *obj)
{
	if (obj == ev->data)
		return true;
	for (size_t i = 0; i < json_len(obj); i++)
		if (json_key_at(obj, i)[0] < 'A' || json_key_at(obj, i)[0] > 'Z')
			return false;
	return json_len(obj) > 0;
}

/* What inspect leaves out when there is none, and templates ask for all the same: {{if .State.Health}}. */
static bool is_optional(const char *name)
{
	static const char *const names[] = { "Health", "Healthcheck", "ExposedPorts", "StopSignal",
					     "StopTimeout", "SizeRw", "SizeRootFs", "Tmpfs", "Init", "Shell",
					     "Variant", "Annotations", "Error", "StartupHealthCheck" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* Podman's inspect knows these by older names, too. */
static const struct json *by_old_name(const struct json *obj, const char *name)
{
	static const char *const names[][2] = {
		{ "Healthcheck", "Health" }, { "Src", "Source" }, { "Dst", "Destination" }, { "ImageID", "Image" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i][0], name) == 0)
			return json_get(obj, names[i][1]);
	return NULL;
}

static int no_field(struct template_eval *ev, size_t at, const struct json *obj, const char *name)
{
	auto_of(str_clear) struct str names = { 0 };

	if (json_type(obj) != JSON_OBJECT)
		return template_err(ev->t, at, ev->e, "no field '%s': the value in front is %s",
				    name,
				    json_type(obj) == JSON_ARRAY ? "a list" : "not an object");
	for (size_t i = 0; i < json_len(obj); i++)
		str_addf(&names, "%s%s", i ? ", " : "", json_key_at(obj, i));
	return template_err(ev->t, at, ev->e, "no field '%s'; there are: %s", name,
			    str_peek(&names));
}

static int get_field(struct template_eval *ev, size_t at, const struct json *obj, const char *name,
		     const struct json **out)
{
	if (ev->is_heading) {
		*out = heading_of(ev, name);
		return 0;
	}
	*out = template_is_time(obj) ? template_time_field(ev, obj, name) : json_get(obj, name);
	if (*out || json_type(obj) == JSON_NULL)
		return 0;
	/* Go names begin with a capital where JSON members often do not: .ID is "Id". */
	for (size_t i = 0; name[0] >= 'A' && name[0] <= 'Z' && i < json_len(obj); i++) {
		const char *key = json_key_at(obj, i);

		if (key && strcasecmp(key, name) == 0) {
			*out = json_at(obj, i);
			return 0;
		}
	}
	if (json_type(obj) == JSON_OBJECT) {
		*out = is_struct(ev, obj) ? by_old_name(obj, name) : NULL;
		if (*out || !is_struct(ev, obj) || is_optional(name))
			return 0;
	}
	return no_field(ev, at, obj, name);
}

/* Variables: a stack; the innermost of a name counts. */

static void push_var(struct template_eval *ev, const char *name, const struct json *value)
{
	if (ev->n_vars == ev->cap_vars) {
		ev->cap_vars = ev->cap_vars ? 2 * ev->cap_vars : 8;
		ev->vars = xreallocarray(ev->vars, ev->cap_vars, sizeof(*ev->vars));
	}
	ev->vars[ev->n_vars++] = (struct template_var){ name, value };
}

static struct template_var *find_var(struct template_eval *ev, const char *name)
{
	for (size_t i = ev->n_vars; i-- > 0;)
		if (strcmp(ev->vars[i].name, name) == 0)
			return &ev->vars[i];
	return NULL;
}

static int set_var(struct template_eval *ev, const struct template_pipe *pipe, int which,
		   const struct json *value)
{
	const char *name = pipe->vars[which];
	struct template_var *var;

	if (!pipe->is_assign) {
		push_var(ev, name, value);
		return 0;
	}
	var = find_var(ev, name);
	if (!var)
		return template_err(ev->t, pipe->at, ev->e, "there is no variable $%s", name);
	var->value = value;
	return 0;
}

/* Pipelines. */

struct scope {
	struct template_eval *ev;
	const struct json *dot;
};

static int eval_pipe(const struct scope *s, const struct template_pipe *pipe,
		     const struct json **out);

static int call(const struct scope *s, const struct template_arg *fn,
		const struct json **args, size_t n, const struct json **out)
{
	struct template_call c = { s->ev, fn->name, fn->at, args, n };

	return template_call(&c, out);
}

/* The operand; with keep_last the value that its last field would be read from. */
static int eval_arg(const struct scope *s, const struct template_arg *arg, bool keep_last,
		    const struct json **out)
{
	const struct template_var *var;
	const struct json *value = NULL;
	int r = 0;

	switch (arg->kind) {
	case ARG_DOT:
		value = s->dot;
		break;
	case ARG_VARIABLE:
		var = find_var(s->ev, arg->name);
		if (!var)
			return template_err(s->ev->t, arg->at, s->ev->e,
					    "there is no variable $%s", arg->name);
		value = var->value;
		break;
	case ARG_CONST:
		value = arg->value;
		break;
	case ARG_FUNCTION:
		r = call(s, arg, NULL, 0, &value);
		break;
	case ARG_PIPE:
		r = eval_pipe(s, arg->pipe, &value);
		break;
	}
	for (const struct template_field *f = arg->fields; f && r == 0; f = f->next)
		if (f->next || !keep_last)
			r = get_field(s->ev, arg->at, value, f->name, &value);
	*out = value;
	return r;
}

/* {{.Label "key"}}: Go methods with one argument read a map; here that is member "Labels", or
 * "LabelMap" where Labels is a text. */
static int eval_method(const struct scope *s, const struct template_arg *arg,
		       const struct json *key, const struct json **out)
{
	const struct template_field *last = arg->fields;
	autofree char *plural = NULL;
	const struct json *obj, *map;
	int r;

	while (last->next)
		last = last->next;
	r = eval_arg(s, arg, true, &obj);
	if (r < 0)
		return r;
	if (s->ev->is_heading) {
		const char *name = json_str(key) ? json_str(key) : last->name;
		const char *dot = strrchr(name, '.');

		*out = heading_of(s->ev, dot ? dot + 1 : name);
		return 0;
	}
	if (template_is_time(obj) && json_str(key) && strcmp(last->name, "Format") == 0) {
		*out = template_time_format(s->ev, obj, json_str(key));
		if (*out)
			return 0;
	}
	plural = xasprintf("%ss", last->name);
	map = json_get(obj, plural);
	if (json_str(map)) {
		free(plural);
		plural = xasprintf("%sMap", last->name);
		map = json_get(obj, plural);
	}
	if (!map || !json_str(key))
		return template_err(s->ev->t, arg->at, s->ev->e, "'.%s' does not take a value",
				    last->name);
	*out = json_get(map, json_str(key));
	if (!*out)
		*out = template_keep(s->ev, json_new_string(""));
	return 0;
}

/* One command; piped is the value from the command before it, when has_piped. */
static int eval_cmd(const struct scope *s, const struct template_cmd *cmd, bool has_piped,
		    const struct json *piped, const struct json **out)
{
	const struct template_arg *first = cmd->args;
	autofree const struct json **args = NULL;
	bool is_function = first->kind == ARG_FUNCTION;
	bool is_and = is_function && strcmp(first->name, "and") == 0;
	bool is_or = is_function && strcmp(first->name, "or") == 0;
	size_t n = has_piped;
	int r;

	if (!is_function && !first->next && !has_piped)
		return eval_arg(s, first, false, out);
	for (const struct template_arg *a = first->next; a; a = a->next)
		n++;
	args = xcalloc(n, sizeof(*args));
	n = 0;
	for (const struct template_arg *a = first->next; a; a = a->next) {
		r = eval_arg(s, a, false, &args[n++]);
		if (r < 0)
			return r;
		/* Like Go: what cannot change the result any more is not evaluated. */
		if ((is_and || is_or) && template_is_true(args[n - 1]) == is_or &&
		    !s->ev->is_heading) {
			*out = args[n - 1];
			return 0;
		}
	}
	if (has_piped)
		args[n++] = piped;
	if (is_function)
		return call(s, first, args, n, out);
	if (first->fields && n == 1)
		return eval_method(s, first, args[0], out);
	return template_err(s->ev->t, first->at, s->ev->e, "a value for what is no function");
}

static int eval_cmds(const struct scope *s, const struct template_pipe *pipe,
		     const struct json **out)
{
	const struct json *value = NULL;
	int r = 0;

	for (const struct template_cmd *cmd = pipe->cmds; cmd && r == 0; cmd = cmd->next)
		r = eval_cmd(s, cmd, cmd != pipe->cmds, value, &value);
	*out = value;
	return r;
}

static int eval_pipe(const struct scope *s, const struct template_pipe *pipe,
		     const struct json **out)
{
	int r = eval_cmds(s, pipe, out);

	if (r == 0 && pipe->vars[0])
		r = set_var(s->ev, pipe, 0, *out);
	return r;
}

/* Nodes. The functions below return an enum flow or -EINVAL. */

static int run_list(const struct scope *s, const struct template_node *list);

/* A list with variables of its own. */
static int run_block(struct template_eval *ev, const struct json *dot,
		     const struct template_node *list)
{
	struct scope inner = { ev, dot };
	size_t mark = ev->n_vars;
	int r = run_list(&inner, list);

	ev->n_vars = mark;
	return r;
}

static int run_branch(const struct scope *s, const struct template_node *node)
{
	size_t mark = s->ev->n_vars;
	const struct json *value;
	int r = eval_pipe(s, node->pipe, &value);

	if (r < 0)
		return r;
	if (s->ev->is_heading || template_is_true(value))
		r = run_block(s->ev, node->kind == NODE_WITH ? value : s->dot, node->body);
	else
		r = run_block(s->ev, s->dot, node->otherwise);
	s->ev->n_vars = mark;
	return r;
}

/* One turn of a loop; key is the index or the member's name. */
static int run_turn(const struct scope *s, const struct template_node *node,
		    const struct json *key, const struct json *value)
{
	const struct template_pipe *pipe = node->pipe;
	size_t mark = s->ev->n_vars;
	int r = 0;

	if (pipe->vars[1]) {
		r = set_var(s->ev, pipe, 0, key);
		if (r == 0)
			r = set_var(s->ev, pipe, 1, value);
	} else if (pipe->vars[0]) {
		r = set_var(s->ev, pipe, 0, value);
	}
	if (r == 0)
		r = run_block(s->ev, value, node->body);
	/* Assignments to outer variables stay; the loop's own go. */
	s->ev->n_vars = mark;
	return r == FLOW_CONTINUE ? FLOW_ON : r;
}

static int run_turns(const struct scope *s, const struct template_node *node,
		     const struct json *over)
{
	autofree size_t *order = NULL;
	bool is_object = json_type(over) == JSON_OBJECT;
	int r = FLOW_ON;

	if (is_object)
		order = template_sorted_members(over);
	for (size_t i = 0; i < json_len(over) && r == FLOW_ON; i++) {
		const struct json *key = NULL;

		if (node->pipe->vars[1])
			key = template_keep(s->ev,
					    is_object ? json_new_string(json_key_at(over, order[i]))
						      : json_new_int(i));
		r = run_turn(s, node, key, json_at(over, is_object ? order[i] : i));
	}
	return r == FLOW_BREAK ? FLOW_ON : r;
}

static int run_range(const struct scope *s, const struct template_node *node)
{
	const struct json *over;
	int r = eval_cmds(s, node->pipe, &over);

	if (r < 0)
		return r;
	if (s->ev->is_heading) {
		r = run_turn(s, node, over, over);
		return r == FLOW_BREAK ? FLOW_ON : r;
	}
	if (json_len(over))
		return run_turns(s, node, over);
	if (over && json_type(over) != JSON_NULL && json_type(over) < JSON_ARRAY)
		return template_err(s->ev->t, node->pipe->at, s->ev->e,
				    "range needs a list or an object");
	return run_block(s->ev, s->dot, node->otherwise);
}

static int run_list(const struct scope *s, const struct template_node *list)
{
	const struct json *value;
	int r = FLOW_ON;

	for (; list && r == FLOW_ON; list = list->next) {
		switch (list->kind) {
		case NODE_TEXT:
			str_addn(s->ev->out, list->text, list->len);
			break;
		case NODE_ACTION:
			r = eval_pipe(s, list->pipe, &value);
			/* {{.}} alone has no heading. */
			if (r == 0 && !list->pipe->vars[0] && (value || !s->ev->is_heading))
				template_print(s->ev->out, value);
			break;
		case NODE_IF:
		case NODE_WITH:
			r = run_branch(s, list);
			break;
		case NODE_RANGE:
			r = run_range(s, list);
			break;
		case NODE_BREAK:
			return FLOW_BREAK;
		case NODE_CONTINUE:
			return FLOW_CONTINUE;
		}
	}
	return r;
}

int template_run(struct template_eval *ev)
{
	struct scope s = { ev, ev->data };
	int r;

	if (!ev->temps)
		ev->temps = json_new_array();
	ev->n_vars = 0;
	push_var(ev, "", ev->data);
	r = run_list(&s, ev->t->root);
	return r < 0 ? r : 0;
}
