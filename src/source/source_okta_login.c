#include "source/source_okta_int.h"

#include <string.h>

#include "base/json_write.h"
#include "base/limits.h"
#include "base/log.h"

#define TOKEN_PATH "/oauth2/v1/token"

static int get_new_token(struct web *web, void *cookie, struct error *e);

static const struct web_kind by_token = {
	.title = "Okta", .record_id = "id", .pace = okta_pace,
	.denied = "check OKTA_API_TOKEN; a token dies with its administrator, and after 30 days without use"
};

static const struct web_kind by_oauth = {
	.title = "Okta", .record_id = "id", .pace = okta_pace, .renew = get_new_token,
	.denied = "check that the app OKTA_CLIENT_ID is active and was granted the scopes okta.users.read "
		  "and, with groups, okta.groups.read"
};

static const struct web_kind of_tokens = {
	.title = "Okta's tokens", .pace = okta_pace,
	.denied = "check OKTA_CLIENT_ID, and that its app has the public key of OKTA_PRIVATE_KEY"
};

/* ---- OAuth --------------------------------------------------------------------------------------------- */

static void make_header(struct okta_login *l)
{
	const char *id = settings_text("OKTA_KEY_ID");

	buf_init(&l->header, 4096);
	if (!id[0])
		return;
	buf_puts(&l->header, ",\"kid\":");
	json_quote(&l->header, str_from(id));
}

static int open_oauth(struct okta_login *l, struct source_run *run, int groups, struct error *e)
{
	const char *key = settings_required("OKTA_PRIVATE_KEY", e);

	if (!key)
		return -1;
	l->key = jws_key_read("OKTA_PRIVATE_KEY", str_from(key), e);
	if (!l->key)
		return -1;
	make_header(l);
	l->client.kind = of_tokens;
	l->client.setting = "OKTA_ORG_URL";
	l->client.base = settings_text("OKTA_ORG_URL");
	l->client.path = TOKEN_PATH;
	l->client.id = settings_text("OKTA_CLIENT_ID");
	l->client.key = l->key;
	l->client.key_header = buf_str(&l->header);
	l->client.scope = groups ? "okta.users.read okta.groups.read" : "okta.users.read";
	if (buf_check(&l->header, "OKTA_KEY_ID", e) != 0)
		return -1;
	return oauth_open(&l->oauth, run, &l->client, e);
}

static int authorize(struct okta_login *l, struct web *web, const char *scheme, struct str token,
		     struct error *e)
{
	buf_reset(&l->value);
	buf_printf(&l->value, "%s ", scheme);
	buf_put_str(&l->value, token);
	log_secret(token);
	if (buf_check(&l->value, "the token", e) != 0)
		return -1;
	return web_authorize(web, "Authorization", buf_str(&l->value), e);
}

static int get_new_token(struct web *web, void *cookie, struct error *e)
{
	struct okta_login *l = cookie;
	struct str token;

	if (oauth_token(&l->oauth, 1, &token, e) != 0)
		return -1;
	return authorize(l, web, "Bearer", token, e);
}

/* ---- either way ---------------------------------------------------------------------------------------- */

static int uses_oauth(void)
{
	return settings_text("OKTA_API_TOKEN")[0] == '\0' && settings_text("OKTA_CLIENT_ID")[0] != '\0';
}

int okta_login_open(struct okta_login *l, struct web *web, struct source_run *run, int groups,
		    struct error *e)
{
	const char *base = settings_required("OKTA_ORG_URL", e);

	buf_init(&l->value, MAX_SECRET_FILE + 64);
	if (!base)
		return -1;
	if (!uses_oauth() && settings_text("OKTA_API_TOKEN")[0] == '\0')
		return error_set(e, ERROR_USAGE, "OKTA_API_TOKEN is not set; set it, or OKTA_CLIENT_ID and "
				 "OKTA_PRIVATE_KEY of an OAuth service app");
	if (web_open(web, uses_oauth() ? &by_oauth : &by_token, l, "OKTA_ORG_URL", base, e) != 0)
		return -1;
	return uses_oauth() ? open_oauth(l, run, groups, e) : 0;
}

void okta_login_close(struct okta_login *l)
{
	oauth_close(&l->oauth);
	jws_key_free(l->key);
	buf_release(&l->header);
	if (l->value.data)
		memset(l->value.data, 0, l->value.cap);
	buf_release(&l->value);
}

int okta_login(struct okta_login *l, struct web *web, struct error *e)
{
	struct str token;

	if (!uses_oauth())
		return authorize(l, web, "SSWS", str_from(settings_text("OKTA_API_TOKEN")), e);
	if (oauth_token(&l->oauth, 0, &token, e) != 0)
		return -1;
	return authorize(l, web, "Bearer", token, e);
}
