/* SPDX-License-Identifier: Apache-2.0 */
/* template_lex: the words of a template's actions, for template_parse.c.
 *
 * Runs in:  any process.
 * Owns:     nothing; names and constants go to the struct template.
 * Needs:    nothing.
 * Fails:    EINVAL, naming line and column of the template.
 * Not here: the text between actions, and grammar (see template_parse.c); template_err, which the
 *           evaluation needs as well, is declared in template_priv.h.
 */
#pragma once

#include "base/template_priv.h"

enum template_token_kind {
	TOKEN_CLOSE, TOKEN_PIPE, TOKEN_LEFT, TOKEN_RIGHT, TOKEN_COMMA, TOKEN_ASSIGN, TOKEN_DECLARE,
	TOKEN_DOT, TOKEN_FIELD, TOKEN_VARIABLE, TOKEN_WORD, TOKEN_CONST,
};

struct template_token {
	enum template_token_kind kind;
	size_t at;
	bool is_spaced;			/* white space before it */
	const char *name;		/* FIELD, VARIABLE, WORD */
	const struct json *value;	/* CONST */
};

struct template_parser {
	struct template *t;
	size_t at;
	bool trim;		/* the action before ended in "-}}" */
	struct template_token tok;
	unsigned int depth, loops;
	struct err *e;
};

/* Keeps a block of the template and returns it. */
void *template_own(struct template_parser *p, void *block);
#define TEMPLATE_NEW(p, type) ((type *)template_own(p, xcalloc(1, sizeof(type))))
const struct json *template_own_const(struct template_parser *p, struct json *taken);

bool template_is_space(char c);
/* Reads the next token of an action into p->tok. */
int template_next(struct template_parser *p);
int template_fail(struct template_parser *p, size_t at, const char *what);
int template_expect(struct template_parser *p, enum template_token_kind kind, const char *what);
