/* Microsoft Entra ID (Azure AD), through Microsoft Graph. */
#include "source/source_entra_int.h"

#include <string.h>

#include "base/codec.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/unicode.h"
#include "port.h"

#define PAGE_MOST 999		/* users a page; the most that the service gives */

const struct setting entra_settings[] = {
	{ "AZURE_TENANT_ID", SETTING_TEXT, NULL, 0, "directory (tenant) id of the app registration" },
	{ "AZURE_CLIENT_ID", SETTING_TEXT, NULL, 0, "its application (client) id" },
	{ "AZURE_CLIENT_SECRET", SETTING_TEXT, NULL, SETTING_SECRET, "its client secret" },
	{ "AZURE_CLIENT_CERTIFICATE", SETTING_TEXT, NULL, SETTING_FILE,
	  "instead of the secret: PEM file of the certificate that the app registration has" },
	{ "AZURE_CLIENT_KEY", SETTING_TEXT, NULL, SETTING_SECRET | SETTING_FILE,
	  "private key of that certificate: PEM file or text" },
	{ "AZURE_FILTER_GROUPS", SETTING_LIST, NULL, 0, "only members of these groups, by display name" },
	{ "AZURE_SUPERVISOR_GROUPS", SETTING_LIST, NULL, 0,
	  "members of these groups become supervisors, by display name" },
	{ "AZURE_TRANSITIVE_GROUPS", SETTING_SWITCH, "false", 0,
	  "members of groups within these groups, too" },
	{ "AZURE_PREFER_REAL_EMAIL", SETTING_SWITCH, "false", 0,
	  "e-mail is mail where there is one, instead of userPrincipalName" },
	{ "AZURE_ADDITIONAL_EMAIL_SOURCE", SETTING_TEXT, NULL, 0,
	  "second e-mail: mail, userPrincipalName (upn), or none" },
	{ "AZURE_DELTA", SETTING_SWITCH, "false", 0,
	  "ask only for what has changed since the last run" },
	{ "AZURE_PAGE_SIZE", SETTING_INT, "100", SETTING_RARE, "users a page, 1 to 999" },
	{ "AZURE_LOGIN_URL", SETTING_TEXT, "https://login.microsoftonline.com", SETTING_RARE,
	  "login service; other clouds have another" },
	{ "AZURE_GRAPH_URL", SETTING_TEXT, "https://graph.microsoft.com", SETTING_RARE,
	  "Microsoft Graph; other clouds have another" },
	{ "AZURE_SCIM_ENDPOINT", SETTING_TEXT, NULL, SETTING_RARE,
	  "address of the list of users (empty: AZURE_GRAPH_URL/v1.0/users)" },
	{ "AZURE_BEARER_TOKEN", SETTING_TEXT, NULL, SETTING_SECRET | SETTING_RARE,
	  "an access token, used until AZURE_TOKEN_EXPIRES_AT" },
	{ "AZURE_TOKEN_EXPIRES_AT", SETTING_TEXT, NULL, SETTING_RARE, "its end, in seconds since 1970" },
	{ "AZURE_REFRESH_TOKEN", SETTING_TEXT, NULL, SETTING_SECRET | SETTING_RARE,
	  "a refresh token, used until AZURE_REFRESH_TOKEN_EXPIRES_AT" },
	{ "AZURE_REFRESH_TOKEN_EXPIRES_AT", SETTING_TEXT, NULL, SETTING_RARE,
	  "its end, in seconds since 1970" },
	{ NULL, SETTING_TEXT, NULL, 0, NULL }
};

/* ---- credentials --------------------------------------------------------------------------------------- */

static int authorize(struct entra *x, struct str token, struct error *e)
{
	struct buf value;
	int failed;

	buf_init(&value, MAX_SECRET_FILE + 16);
	buf_puts(&value, "Bearer ");
	buf_put_str(&value, token);
	failed = buf_check(&value, "the token", e) != 0 ||
		 web_authorize(&x->graph, "Authorization", buf_str(&value), e) != 0 ||
		 (x->users != &x->graph && web_authorize(x->users, "Authorization", buf_str(&value), e) != 0);
	buf_release(&value);
	return failed ? -1 : 0;
}

/* By the client's own credentials. */
static int renew(struct web *w, void *cookie, struct error *e)
{
	struct entra *x = cookie;
	struct str token;

	(void)w;
	return oauth_token(&x->oauth, 1, &token, e) != 0 ? -1 : authorize(x, token, e);
}

/* 1 when a token is given whose end is known and more than `margin` seconds away. */
static int is_good(const char *token, const char *expires, int64_t margin)
{
	struct str end = str_from(settings_text(expires));
	uint64_t at;

	end = str_sub(end, 0, str_find_char(end, 0, '.'));
	return settings_text(token)[0] && str_to_u64(end, &at) == 0 && at < INT64_MAX &&
	       (int64_t)at - margin > port_wall_ms() / 1000;
}

/* A token that is given wins, then one that was kept, then a refresh token, then the client's credentials. */
static int log_in(struct entra *x, struct error *e)
{
	struct str token;

	if (is_good("AZURE_BEARER_TOKEN", "AZURE_TOKEN_EXPIRES_AT", OAUTH_MARGIN))
		return authorize(x, str_from(settings_text("AZURE_BEARER_TOKEN")), e);
	if (is_good("AZURE_REFRESH_TOKEN", "AZURE_REFRESH_TOKEN_EXPIRES_AT", 0)) {
		if (oauth_refresh(&x->oauth, settings_text("AZURE_REFRESH_TOKEN"), &token, e) == 0)
			return authorize(x, token, e);
		if (e->kind != ERROR_DENIED)
			return -1;
		log_warning("AZURE_REFRESH_TOKEN is refused and was not used: %s", e->text);
		error_init(e);
	}
	return oauth_token(&x->oauth, 0, &token, e) != 0 ? -1 : authorize(x, token, e);
}

/* Graph says how near the limit is from four fifths on; its windows are of ten seconds. */
static int64_t pace(const struct http_head *head, int64_t now)
{
	struct str used = http_header_value(head, "x-ms-throttle-limit-percentage", 0);
	double share;

	(void)now;
	if (used.len == 0 || setting_factor(used, &share) != 0 || share < 0.8)
		return 0;
	return share < 1 ? 500 : 2000;
}

static const struct web_kind graph_kind = {
	.title = "Microsoft Graph",
	.record_id = "id",
	.denied = "the token is refused; check AZURE_TENANT_ID and AZURE_GRAPH_URL",
	.forbidden = "the app registration needs the application permission User.Read.All, and"
		     " GroupMember.Read.All when groups are named, with admin consent",
	.missing = "check AZURE_GRAPH_URL and AZURE_SCIM_ENDPOINT",
	.renew = renew,
	.pace = pace
};

/* ---- opening ------------------------------------------------------------------------------------------- */

static int load_rules(struct entra *x, struct error *e)
{
	static const struct { const char *word; enum entra_extra extra; } words[] = {
		{ "", EXTRA_NONE }, { "none", EXTRA_NONE }, { "mail", EXTRA_MAIL },
		{ "userprincipalname", EXTRA_UPN }, { "upn", EXTRA_UPN }
	};
	struct str word = unicode_trim(str_from(settings_text("AZURE_ADDITIONAL_EMAIL_SOURCE")));
	int64_t size = settings_int("AZURE_PAGE_SIZE");
	size_t i;

	x->prefer_mail = settings_on("AZURE_PREFER_REAL_EMAIL");
	if (size < 1 || size > PAGE_MOST)
		return error_set(e, ERROR_USAGE, "AZURE_PAGE_SIZE must be from 1 to %d", PAGE_MOST);
	x->page_size = (int)size;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (str_case_eqz(word, words[i].word)) {
			x->extra = words[i].extra;
			return 0;
		}
	}
	return error_set(e, ERROR_USAGE, "AZURE_ADDITIONAL_EMAIL_SOURCE is \"%.*s\": it must be mail, "
			 "userPrincipalName or none", STR_ARG(str_sub(word, 0, 80)));
}

static int load_key(struct entra *x, struct error *e)
{
	const char *certificate = settings_text("AZURE_CLIENT_CERTIFICATE");
	const char *key = settings_text("AZURE_CLIENT_KEY");

	x->client.secret = settings_text("AZURE_CLIENT_SECRET");
	if (x->client.secret[0])
		return 0;
	if (!certificate[0] && !key[0])
		return settings_required("AZURE_CLIENT_SECRET", e) ? 0 : -1;
	if (!settings_required("AZURE_CLIENT_CERTIFICATE", e))
		return -1;
	x->client.secret = NULL;
	x->key = jws_key_read("AZURE_CLIENT_KEY", str_from(key[0] ? key : certificate), e);
	if (!x->key ||
	    jws_certificate("AZURE_CLIENT_CERTIFICATE", str_from(certificate), &x->key_header, e) != 0)
		return -1;
	x->client.key = x->key;
	x->client.key_header = buf_str(&x->key_header);
	return 0;
}

static int load_client(struct entra *x, struct error *e)
{
	struct oauth_client *c = &x->client;
	const char *tenant = settings_required("AZURE_TENANT_ID", e);

	if (!tenant || !settings_required("AZURE_CLIENT_ID", e))
		return -1;
	buf_putc(&x->token_path, '/');
	percent_encode(&x->token_path, str_from(tenant), NULL);
	buf_puts(&x->token_path, "/oauth2/v2.0/token");
	buf_puts(&x->scope, settings_text("AZURE_GRAPH_URL"));
	while (x->scope.len > 0 && x->scope.data[x->scope.len - 1] == '/')
		buf_truncate(&x->scope, x->scope.len - 1);
	buf_puts(&x->scope, "/.default");
	if (buf_check(&x->token_path, "AZURE_TENANT_ID", e) != 0 ||
	    buf_check(&x->scope, "AZURE_GRAPH_URL", e) != 0)
		return -1;
	c->kind.title = "the login service";
	c->kind.denied = "check AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET";
	c->setting = "AZURE_LOGIN_URL";
	c->base = settings_text("AZURE_LOGIN_URL");
	c->path = buf_text(&x->token_path);
	c->id = settings_text("AZURE_CLIENT_ID");
	c->scope = buf_text(&x->scope);
	return load_key(x, e);
}

/* Users come from Graph, or from an address of their own, which then gets the same token. */
static int open_services(struct entra *x, struct error *e)
{
	const char *users = settings_text("AZURE_SCIM_ENDPOINT");

	if (web_open(&x->graph, &graph_kind, x, "AZURE_GRAPH_URL", settings_text("AZURE_GRAPH_URL"), e) != 0)
		return -1;
	x->users = &x->graph;
	if (!users[0]) {
		buf_printf(&x->users_url, "%s/v1.0/users", buf_text(&x->graph.base));
		return buf_check(&x->users_url, "AZURE_GRAPH_URL", e);
	}
	buf_puts(&x->users_url, users);
	if (buf_check(&x->users_url, "AZURE_SCIM_ENDPOINT", e) != 0)
		return -1;
	if (web_same_origin(&x->graph, buf_str(&x->users_url)))
		return 0;
	x->users = &x->endpoint;
	return web_open(&x->endpoint, &graph_kind, x, "AZURE_SCIM_ENDPOINT", users, e);
}

int entra_open(struct entra *x, struct source_run *run, struct error *e)
{
	x->run = run;
	arena_init(&x->arena, 4 * MAX_RECORD);
	buf_init(&x->users_url, MAX_URL);
	buf_init(&x->token_path, MAX_URL);
	buf_init(&x->scope, MAX_URL);
	buf_init(&x->key_header, MAX_URL);
	buf_init(&x->lower, MAX_RECORD);
	buf_init(&x->lower_extra, MAX_RECORD);
	if (load_rules(x, e) != 0 || load_client(x, e) != 0 || open_services(x, e) != 0 ||
	    oauth_open(&x->oauth, run, &x->client, e) != 0)
		return -1;
	x->people = people_open(run, e);
	return x->people && log_in(x, e) == 0 ? 0 : -1;
}

void entra_close(struct entra *x)
{
	db_finish(x->add_member);
	db_finish(x->find_member);
	people_close(x->people);
	if (x->users == &x->endpoint)
		web_close(&x->endpoint);
	web_close(&x->graph);
	oauth_close(&x->oauth);
	jws_key_free(x->key);
	arena_release(&x->arena);
	buf_release(&x->users_url);
	buf_release(&x->token_path);
	buf_release(&x->scope);
	buf_release(&x->key_header);
	buf_release(&x->lower);
	buf_release(&x->lower_extra);
}

/* ---- the source ---------------------------------------------------------------------------------------- */

static int entra_fetch(struct source_run *run, struct error *e)
{
	struct entra x;
	int failed;

	memset(&x, 0, sizeof(x));
	failed = entra_open(&x, run, e) != 0 || entra_groups(&x, e) != 0 ||
		 (settings_on("AZURE_DELTA") ? entra_delta(&x, e) : entra_list(&x, e)) != 0;
	if (!failed && x.left_out > 0)
		log_info("left out %llu users who are in none of AZURE_FILTER_GROUPS",
			 (unsigned long long)x.left_out);
	entra_close(&x);
	return failed ? -1 : 0;
}

static int count_one(void *cookie, const struct json_match *m, struct str raw, struct error *e)
{
	(void)raw;
	(void)e;
	if (m->path == ENTRA_RECORD)
		++*(int *)cookie;
	return 0;
}

/* One user is asked for, to see whether that is allowed. */
static int check_users(struct entra *x, int *count, struct error *e)
{
	struct web_request r = { 0 };
	struct web_answer answer;
	struct buf url;
	int failed;

	buf_init(&url, MAX_URL);
	buf_printf(&url, "%s%c$select=id&$top=1", buf_text(&x->users_url),
		   str_find_char(buf_str(&x->users_url), 0, '?') < x->users_url.len ? '&' : '?');
	r.method = "GET";
	r.url = buf_str(&url);
	r.paths = entra_page_paths;
	r.value = count_one;
	r.cookie = count;
	failed = buf_check(&url, "AZURE_SCIM_ENDPOINT", e) != 0 || web_call(x->users, &r, &answer, e) != 0;
	buf_release(&url);
	return failed ? -1 : 0;
}

static int entra_check(struct source_run *run, struct error *e)
{
	struct entra x;
	int failed, count = 0;

	memset(&x, 0, sizeof(x));
	failed = entra_open(&x, run, e) != 0;
	if (!failed) {
		source_note(run, "logged in at %s", buf_text(&x.oauth.web.base));
		failed = check_users(&x, &count, e) != 0;
	}
	if (!failed) {
		source_note(run, count ? "users can be read" : "users can be read, but there are none");
		failed = entra_groups(&x, e) != 0;
	}
	if (!failed && (x.filtered || x.supervisors))
		source_note(run, "groups can be read");
	entra_close(&x);
	return failed ? -1 : 0;
}

const struct source source_entra = {
	.name = "entra",
	.alias = "azuread",
	.title = "Microsoft Entra ID",
	.settings = entra_settings,
	.fetch = entra_fetch,
	.check = entra_check,
};
