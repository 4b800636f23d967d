#include "source/source_oauth.h"

#include <string.h>

#include "base/codec.h"
#include "base/digest.h"
#include "base/json_slice.h"
#include "base/limits.h"
#include "base/log.h"
#include "port.h"

#define ASSERTION_LIFE 300	/* seconds that a signed assertion is good for */
#define CLOCK_SKEW 60		/* seconds that our clock may be ahead of the server's */
#define LIFETIME_LEAST 60	/* seconds for a token whose answer does not say how long */
#define LIFETIME_MOST 31536000	/* a year; longer ones nobody means */

#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

/* The name changes with all that the token depends on, the secret included. */
static void name_token(struct oauth *o)
{
	const struct oauth_client *c = o->client;
	const char *parts[6];
	struct sha256 h;
	size_t i;

	parts[0] = buf_text(&o->web.base);
	parts[1] = c->path;
	parts[2] = c->id;
	parts[3] = c->scope;
	parts[4] = c->secret ? "secret" : "assertion";
	parts[5] = c->secret ? c->secret : "";
	sha256_init(&h);
	for (i = 0; i < 6; i++)
		sha256_add(&h, parts[i], strlen(parts[i]) + 1);
	sha256_add(&h, c->key_header.ptr, c->key_header.len);
	sha256_hex(&h, o->name);
}

int oauth_open(struct oauth *o, struct source_run *run, const struct oauth_client *client, struct error *e)
{
	o->client = client;
	o->run = run;
	buf_init(&o->form, 4 * MAX_SECRET_FILE);
	buf_init(&o->token, MAX_SECRET_FILE);
	if (web_open(&o->web, &client->kind, o, client->setting, client->base, e) != 0)
		return -1;
	name_token(o);
	return 0;
}

void oauth_close(struct oauth *o)
{
	web_close(&o->web);
	buf_wipe(&o->form);
	buf_wipe(&o->token);
}

/* ---- the request --------------------------------------------------------------------------------------- */

static void put_field(struct buf *form, const char *name, struct str value)
{
	if (form->len > 0)
		buf_putc(form, '&');
	buf_printf(form, "%s=", name);
	percent_encode(form, value, NULL);
}

/* RFC 7523 section 3: we speak for ourselves, to this endpoint, now. */
static int put_claims(struct json_write *w, const struct oauth *o, struct error *e)
{
	int64_t now = port_wall_ms() / 1000;
	unsigned char random[16];
	struct buf text;

	if (port_entropy(random, sizeof(random), e) != 0)
		return -1;
	buf_init(&text, MAX_URL);
	json_begin_object(w);
	json_put_member(w, "iss", str_from(o->client->id));
	json_put_member(w, "sub", str_from(o->client->id));
	buf_printf(&text, "%s%s", buf_text(&o->web.base), o->client->path);
	json_put_member(w, "aud", buf_str(&text));
	buf_reset(&text);
	hex_encode(&text, random, sizeof(random));
	json_put_member(w, "jti", buf_str(&text));
	json_put_keyz(w, "iat");
	json_put_int(w, now - CLOCK_SKEW);
	json_put_keyz(w, "nbf");
	json_put_int(w, now - CLOCK_SKEW);
	json_put_keyz(w, "exp");
	json_put_int(w, now + ASSERTION_LIFE);
	json_end_object(w);
	buf_release(&text);
	return json_write_finish(w, e);
}

static int put_assertion(struct oauth *o, struct error *e)
{
	struct json_write claims;
	struct buf token;
	int failed;

	json_write_init(&claims, 0, NULL, NULL, MAX_SECRET_FILE);
	buf_init(&token, MAX_SECRET_FILE);
	failed = put_claims(&claims, o, e) != 0 ||
		 jws_sign(o->client->key, o->client->key_header, buf_str(&claims.out), &token, e) != 0;
	log_secret(buf_str(&token));
	put_field(&o->form, "client_assertion_type", STR(ASSERTION_TYPE));
	put_field(&o->form, "client_assertion", buf_str(&token));
	json_write_release(&claims);
	buf_wipe(&token);
	return failed ? -1 : 0;
}

/* The beginning of the form: what is wanted, and who wants it. */
static int put_client(struct oauth *o, const char *grant, struct error *e)
{
	buf_reset(&o->form);
	put_field(&o->form, "grant_type", str_from(grant));
	put_field(&o->form, "client_id", str_from(o->client->id));
	if (!o->client->secret)
		return put_assertion(o, e);
	put_field(&o->form, "client_secret", str_from(o->client->secret));
	return 0;
}

/* ---- the answer ---------------------------------------------------------------------------------------- */

enum { PATH_TOKEN, PATH_LIFETIME };
static const char *const answer_paths[] = { "access_token", "expires_in", NULL };

static int take_answer(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	struct oauth *o = cookie;
	int64_t seconds;

	(void)e;
	if (m->path == PATH_TOKEN && json_slice_type(raw) == JSON_STRING) {
		buf_reset(&o->token);
		json_unescape(&o->token, raw);
	}
	/* some servers give the number as text */
	if (m->path == PATH_LIFETIME && json_slice_type(raw) == JSON_STRING && raw.len > 2)
		raw = str_sub(raw, 1, raw.len - 2);
	if (m->path == PATH_LIFETIME && str_to_i64(raw, &seconds) == 0 && seconds > 0 &&
	    seconds < LIFETIME_MOST)
		o->lifetime = seconds;
	return 0;
}

static int begin_answer(void *cookie, struct error *e)
{
	struct oauth *o = cookie;

	(void)e;
	buf_reset(&o->token);
	o->lifetime = LIFETIME_LEAST;
	return 0;
}

static int ask(struct oauth *o, struct error *e)
{
	struct web_request r = { 0 };
	struct web_answer answer;

	r.method = "POST";
	r.url = str_from(o->client->path);
	r.body = buf_str(&o->form);
	r.content_type = "application/x-www-form-urlencoded";
	r.paths = answer_paths;
	r.value = take_answer;
	r.begin = begin_answer;
	r.cookie = o;
	if (buf_check(&o->form, "the request for a token", e) != 0)
		return -1;
	if (web_call(&o->web, &r, &answer, e) != 0) {
		if (answer.status == 400 || answer.status == 401)
			e->kind = ERROR_DENIED;
		return -1;
	}
	if (o->token.len == 0 || buf_check(&o->token, "the token", e) != 0)
		return error_set(e, ERROR_UPSTREAM, "%s: the answer holds no access_token",
				 o->web.kind->title);
	log_secret(buf_str(&o->token));
	return 0;
}

static int ask_and_keep(struct oauth *o, struct str *token, struct error *e)
{
	if (ask(o, e) != 0)
		return -1;
	*token = buf_str(&o->token);
	return state_token_keep(source_state(o->run), o->name, *token, port_wall_ms() / 1000 + o->lifetime,
				e);
}

int oauth_token(struct oauth *o, int fresh, struct str *token, struct error *e)
{
	int64_t expires = 0;
	int found;

	buf_reset(&o->token);
	found = fresh ? 0 : state_token(source_state(o->run), o->name, &o->token, &expires, e);
	if (found < 0)
		return -1;
	if (found && !o->token.failed && expires - OAUTH_MARGIN > port_wall_ms() / 1000) {
		log_secret(buf_str(&o->token));
		*token = buf_str(&o->token);
		return 0;
	}
	if (put_client(o, "client_credentials", e) != 0)
		return -1;
	if (o->client->scope[0])
		put_field(&o->form, "scope", str_from(o->client->scope));
	return ask_and_keep(o, token, e);
}

int oauth_refresh(struct oauth *o, const char *refresh_token, struct str *token, struct error *e)
{
	if (put_client(o, "refresh_token", e) != 0)
		return -1;
	put_field(&o->form, "refresh_token", str_from(refresh_token));
	return ask_and_keep(o, token, e);
}
