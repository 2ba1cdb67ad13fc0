/* SPDX-License-Identifier: Apache-2.0 */
#include "base/template_lex.h"

#include <string.h>

#define NEST_MAX 64	/* control structures and parentheses inside each other */

enum stop { STOP_EOF, STOP_ELSE, STOP_END };

void template_clear(struct template *t)
{
	for (size_t i = 0; i < t->n_blocks; i++)
		free(t->blocks[i]);
	free(t->blocks);
	json_free(t->consts);
	*t = (struct template){ 0 };
}

static int parse_pipe(struct template_parser *p, struct template_pipe **out);

static int parse_parens(struct template_parser *p, struct template_arg *arg)
{
	int r;

	if (++p->depth > NEST_MAX)
		return template_fail(p, p->tok.at, "nested too deeply");
	arg->kind = ARG_PIPE;
	r = template_next(p);
	if (r == 0)
		r = parse_pipe(p, &arg->pipe);
	if (r == 0)
		r = template_expect(p, TOKEN_RIGHT, "')' is missing");
	p->depth--;
	return r;
}

static int parse_word(struct template_parser *p, struct template_arg *arg)
{
	const char *name = p->tok.name;

	arg->kind = ARG_CONST;
	if (strcmp(name, "true") == 0 || strcmp(name, "false") == 0) {
		arg->value = template_own_const(p, json_new_bool(name[0] == 't'));
	} else if (strcmp(name, "nil") != 0) {
		if (!template_has_function(name))
			return template_err(p->t, p->tok.at, p->e, "there is no function '%s'",
					    name);
		arg->kind = ARG_FUNCTION;
		arg->name = name;
	}
	return 0;
}

static struct template_field **add_field(struct template_parser *p, struct template_field **end)
{
	*end = TEMPLATE_NEW(p, struct template_field);
	(*end)->name = p->tok.name;
	return &(*end)->next;
}

/* One operand with the fields behind it; 1: read, 0: the token begins none. */
static int parse_arg(struct template_parser *p, struct template_arg **out)
{
	struct template_arg *arg = TEMPLATE_NEW(p, struct template_arg);
	struct template_field **end = &arg->fields;
	int r = 0;

	arg->at = p->tok.at;
	switch (p->tok.kind) {
	case TOKEN_DOT:
		break;
	case TOKEN_FIELD:
		end = add_field(p, end);
		break;
	case TOKEN_VARIABLE:
		arg->kind = ARG_VARIABLE;
		arg->name = p->tok.name;
		break;
	case TOKEN_CONST:
		arg->kind = ARG_CONST;
		arg->value = p->tok.value;
		break;
	case TOKEN_WORD:
		r = parse_word(p, arg);
		break;
	case TOKEN_LEFT:
		r = parse_parens(p, arg);
		break;
	default:
		return 0;
	}
	if (r == 0)
		r = template_next(p);
	for (; r == 0 && p->tok.kind == TOKEN_FIELD && !p->tok.is_spaced; r = template_next(p)) {
		if (arg->kind == ARG_CONST || arg->kind == ARG_FUNCTION)
			return template_fail(p, p->tok.at, "only data has fields; use ( ) here");
		end = add_field(p, end);
	}
	*out = arg;
	return r < 0 ? r : 1;
}

static int parse_cmd(struct template_parser *p, struct template_cmd **out)
{
	struct template_cmd *cmd = TEMPLATE_NEW(p, struct template_cmd);
	struct template_arg **end = &cmd->args;
	int r;

	while ((r = parse_arg(p, end)) > 0)
		end = &(*end)->next;
	if (r == 0 && !cmd->args)
		return template_fail(p, p->tok.at, "a value is missing");
	*out = cmd;
	return r;
}

/* "$a :=", "$a =", "$i, $v :=" before a pipeline: looks ahead and goes back if it is none. */
static int parse_vars(struct template_parser *p, struct template_pipe *pipe)
{
	struct template_parser before = *p;
	const char *vars[2] = { p->tok.name, NULL };
	int r;

	if (p->tok.kind != TOKEN_VARIABLE)
		return 0;
	r = template_next(p);
	if (r == 0 && p->tok.kind == TOKEN_COMMA) {
		r = template_next(p);
		if (r == 0)
			r = template_expect(p, TOKEN_VARIABLE, "a variable is missing behind ','");
		vars[1] = p->tok.name;
		if (r == 0)
			r = template_next(p);
		if (r == 0 && p->tok.kind != TOKEN_DECLARE && p->tok.kind != TOKEN_ASSIGN)
			r = template_fail(p, p->tok.at, "':=' is missing");
	}
	if (r < 0)
		return r;
	if (p->tok.kind != TOKEN_DECLARE && p->tok.kind != TOKEN_ASSIGN) {
		*p = before;
		return 0;
	}
	if (!*vars[0] || (vars[1] && !*vars[1]))
		return template_fail(p, p->tok.at, "$ itself cannot be changed");
	pipe->is_assign = p->tok.kind == TOKEN_ASSIGN;
	memcpy(pipe->vars, vars, sizeof(vars));
	return template_next(p);
}

static int parse_pipe(struct template_parser *p, struct template_pipe **out)
{
	struct template_pipe *pipe = TEMPLATE_NEW(p, struct template_pipe);
	struct template_cmd **end = &pipe->cmds;
	int r;

	pipe->at = p->tok.at;
	r = parse_vars(p, pipe);
	while (r == 0) {
		r = parse_cmd(p, end);
		if (r < 0 || p->tok.kind != TOKEN_PIPE)
			break;
		end = &(*end)->next;
		r = template_next(p);
	}
	*out = pipe;
	return r;
}

/* A pipeline up to the end of the action. */
static int parse_action(struct template_parser *p, struct template_node *node)
{
	int r = parse_pipe(p, &node->pipe);

	if (r < 0)
		return r;
	r = template_expect(p, TOKEN_CLOSE, "unexpected text before }}");
	if (r == 0 && node->pipe->vars[1] && node->kind != NODE_RANGE)
		return template_fail(p, node->pipe->at, "two variables are for range only");
	return r;
}

static int parse_list(struct template_parser *p, struct template_node **out, enum stop *stop);

static bool at_word(const struct template_parser *p, const char *word)
{
	return p->tok.kind == TOKEN_WORD && strcmp(p->tok.name, word) == 0;
}

/* Behind the word if, with or range: up to and with its {{end}}. */
static int parse_control(struct template_parser *p, struct template_node *node)
{
	size_t at = p->tok.at;
	enum stop stop;
	int r;

	if (++p->depth > NEST_MAX)
		return template_fail(p, at, "nested too deeply");
	r = template_next(p);
	if (r == 0)
		r = parse_action(p, node);
	p->loops += node->kind == NODE_RANGE;
	if (r == 0)
		r = parse_list(p, &node->body, &stop);
	p->loops -= node->kind == NODE_RANGE;
	if (r < 0)
		return r;
	if (stop == STOP_ELSE && (at_word(p, "if") || at_word(p, "with"))) {
		node->otherwise = TEMPLATE_NEW(p, struct template_node);
		node->otherwise->kind = at_word(p, "if") ? NODE_IF : NODE_WITH;
		r = parse_control(p, node->otherwise);
		stop = STOP_END;
	} else if (stop == STOP_ELSE) {
		r = template_expect(p, TOKEN_CLOSE, "unexpected text behind else");
		if (r == 0)
			r = parse_list(p, &node->otherwise, &stop);
		if (r == 0 && stop == STOP_ELSE)
			r = template_fail(p, p->tok.at, "a second else");
	}
	p->depth--;
	if (r == 0 && stop != STOP_END)
		r = template_fail(p, at, "{{end}} is missing");
	return r;
}

/* The text up to the next action or the end, without what "{{- " and " -}}" trim away. Leaves
 * p->at behind "{{" or "{{-". 1: an action follows. */
static int take_text(struct template_parser *p, const char **text, size_t *len)
{
	const char *from = p->t->text + p->at, *open = strstr(from, "{{");
	const char *end = open ? open : from + strlen(from);

	p->at = end - p->t->text + (open ? 2 : 0);
	if (open && open[2] == '-' && template_is_space(open[3])) {
		p->at++;
		while (end > from && template_is_space(end[-1]))
			end--;
	}
	while (p->trim && from < end && template_is_space(*from))
		from++;
	p->trim = false;
	*text = from;
	*len = end - from;
	return open ? 1 : 0;
}

/* 1: a comment was skipped. */
static int skip_comment(struct template_parser *p)
{
	const char *s = p->t->text + p->at, *end;

	s += strspn(s, " \t\r\n");
	if (strncmp(s, "/*", 2) != 0)
		return 0;
	end = strstr(s + 2, "*/");
	if (!end)
		return template_fail(p, s - p->t->text, "the comment has no end");
	p->at = end + 2 - p->t->text;
	if (template_next(p) < 0)
		return -EINVAL;
	return template_expect(p, TOKEN_CLOSE, "a comment stands alone in its {{ }}") ?: 1;
}

static int parse_jump(struct template_parser *p, struct template_node *node)
{
	if (!p->loops)
		return template_fail(p, p->tok.at, "break and continue are for inside range");
	node->kind = at_word(p, "break") ? NODE_BREAK : NODE_CONTINUE;
	return template_next(p) ?: template_expect(p, TOKEN_CLOSE, "unexpected text before }}");
}

/* What stands behind "{{". *stop is set when it ends the list. */
static int parse_node(struct template_parser *p, struct template_node **out, enum stop *stop)
{
	struct template_node *node = TEMPLATE_NEW(p, struct template_node);
	int r = template_next(p);

	if (r < 0)
		return r;
	if (at_word(p, "end")) {
		*stop = STOP_END;
		return template_next(p) ?: template_expect(p, TOKEN_CLOSE, "text behind end");
	}
	if (at_word(p, "else")) {
		*stop = STOP_ELSE;
		return template_next(p);
	}
	if (at_word(p, "define") || at_word(p, "template") || at_word(p, "block"))
		return template_err(p->t, p->tok.at, p->e, "'%s' is not supported here",
				    p->tok.name);
	*out = node;
	if (at_word(p, "break") || at_word(p, "continue"))
		return parse_jump(p, node);
	node->kind = at_word(p, "if")	   ? NODE_IF
		     : at_word(p, "with")  ? NODE_WITH
		     : at_word(p, "range") ? NODE_RANGE
					   : NODE_ACTION;
	return node->kind == NODE_ACTION ? parse_action(p, node) : parse_control(p, node);
}

static int parse_list(struct template_parser *p, struct template_node **out, enum stop *stop)
{
	struct template_node **end = out;

	*stop = STOP_EOF;
	for (;;) {
		const char *text;
		size_t len;
		bool more = take_text(p, &text, &len);
		int r;

		if (len) {
			*end = TEMPLATE_NEW(p, struct template_node);
			(*end)->text = text;
			(*end)->len = len;
			end = &(*end)->next;
		}
		if (!more)
			return 0;
		r = skip_comment(p);
		if (r > 0)
			continue;
		if (r == 0)
			r = parse_node(p, end, stop);
		if (r < 0 || *stop != STOP_EOF)
			return r;
		end = &(*end)->next;
	}
}

int template_parse(struct template *t, const char *text, struct err *e)
{
	struct template_parser p = { .t = t, .e = e };
	enum stop stop;
	int r;

	*t = (struct template){ .text = text, .consts = json_new_array() };
	r = parse_list(&p, &t->root, &stop);
	if (r == 0 && stop != STOP_EOF)
		r = template_fail(&p, p.tok.at, stop == STOP_END ? "unexpected {{end}}"
							: "unexpected {{else}}");
	return r;
}
