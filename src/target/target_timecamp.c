/* TimeCamp: its settings, what they allow, its roles. */
#include <stdio.h>
#include <string.h>
#include "base/codec.h"
#include "base/limits.h"
#include "base/log.h"
#include "target/timecamp_int.h"

#define TIMECAMP_LEVELS 4	/* groups lie at most so deep */

const struct setting timecamp_settings[] = {
	{ "TIMECAMP_API_KEY", SETTING_TEXT, NULL, SETTING_SECRET,
	  "key of an administrator (user settings, API)" },
	{ "TIMECAMP_ROOT_GROUP_ID", SETTING_INT, NULL, 0,
	  "id of the group below which groups and users are kept" },
	{ "TIMECAMP_DOMAIN", SETTING_TEXT, "app.timecamp.com", 0,
	  "host of the service; http:// before it: without TLS" },
	{ "TIMECAMP_SSL_VERIFY", SETTING_GUARD, "true", 0, "check the service's certificate" },
	{ "TIMECAMP_IGNORED_USER_IDS", SETTING_NUMBERS, "", 0,
	  "ids of users that are left alone, with commas" },
	{ "TIMECAMP_DISABLED_USERS_GROUP_ID", SETTING_INT, "0", SETTING_NOT_EMPTY,
	  "id of the group for disabled users; 0: none" },
	{ "TIMECAMP_DISABLE_NEW_USERS", SETTING_SWITCH, "false", 0,
	  "create no users (their groups still are)" },
	{ "TIMECAMP_INVITE_BATCH", SETTING_INT, "1", 0, "new users of one group in one request (1 to 50)" },
	{ "TIMECAMP_DISABLE_USER_DEACTIVATION", SETTING_SWITCH, "false", 0, "disable nobody" },
	{ "TIMECAMP_DISABLE_GROUPS_CREATION", SETTING_SWITCH, "false", 0,
	  "create no groups; who needs a missing one goes to the root group" },
	{ "TIMECAMP_DISABLE_GROUP_UPDATES", SETTING_SWITCH, "false", 0, "move no users between groups" },
	{ "TIMECAMP_DISABLE_ROLE_UPDATES", SETTING_SWITCH, "false", 0,
	  "leave the roles of existing users alone" },
	{ "TIMECAMP_DISABLE_MANUAL_USER_UPDATES", SETTING_SWITCH, "false", 0,
	  "neither change nor disable users who were added by hand" },
	{ "TIMECAMP_DISABLE_ADDITIONAL_EMAIL_SYNC", SETTING_SWITCH, "false", 0,
	  "leave additional e-mails alone" },
	{ "TIMECAMP_DISABLE_EXTERNAL_ID_SYNC", SETTING_SWITCH, "false", 0,
	  "neither write external ids nor find users by them" },
	{ "TIMECAMP_UPDATE_EMAIL_ON_EXTERNAL_ID", SETTING_SWITCH, "false", 0,
	  "a user found by external id gets the e-mail of the file" },
	{ "TIMECAMP_SYNC_PERSISTENT_SETTINGS", SETTING_SWITCH, "false", 0,
	  "write enabling and disabling to var/ first, do it at the end; keep new users who are not listed" },
	{ "TIMECAMP_REMOVE_EMPTY_GROUPS", SETTING_SWITCH, "false", 0,
	  "remove groups below the root that are empty" },
	{ NULL, 0, NULL, 0, NULL }
};

static const struct { const char *id, *word; } roles[] = {
	{ "1", "administrator" },
	{ "2", "supervisor" },
	{ "3", "user" },
	{ "5", "guest" },
};

const char *timecamp_role_id(struct str word)
{
	size_t i;

	for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (str_eqz(word, roles[i].word))
			return roles[i].id;
	return "3";
}

struct str timecamp_role_word(struct str id)
{
	size_t i;

	for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (str_eqz(id, roles[i].id))
			return str_from(roles[i].word);
	return id;
}

/* The address that request paths are appended to. */
static int set_base(struct target_run *run, struct error *e)
{
	struct str domain = str_from(settings_text("TIMECAMP_DOMAIN"));
	struct url url;

	while (domain.len > 0 && domain.ptr[domain.len - 1] == '/')
		domain.len--;
	if (!str_starts(domain, STR("http://")) && !str_starts(domain, STR("https://")))
		buf_puts(&run->base, "https://");
	buf_put_str(&run->base, domain);
	buf_puts(&run->base, "/third_party/api/");
	if (buf_check(&run->base, "TIMECAMP_DOMAIN", e) < 0 || url_parse(&url, buf_str(&run->base), e) < 0)
		return error_add(e, "TIMECAMP_DOMAIN");
	return 0;
}

static int timecamp_open(struct target_run *run, struct error *e)
{
	const char *key = settings_required("TIMECAMP_API_KEY", e);

	if (key == NULL || settings_required("TIMECAMP_ROOT_GROUP_ID", e) == NULL)
		return -1;
	if (settings_int("TIMECAMP_ROOT_GROUP_ID") <= 0)
		return error_set(e, ERROR_USAGE, "TIMECAMP_ROOT_GROUP_ID must be the id of a group, a"
						 " number above 0");
	if (set_base(run, e) < 0)
		return -1;
	buf_printf(&run->secret, "Bearer %s", key);
	if (buf_check(&run->secret, "TIMECAMP_API_KEY", e) < 0)
		return -1;
	run->headers[0].name = "Authorization";
	run->headers[0].value = buf_text(&run->secret);
	run->headers[1].name = "Accept";
	run->headers[1].value = "application/json";
	run->batch = (int)settings_int("TIMECAMP_INVITE_BATCH");
	if (run->batch < 1 || run->batch > MAX_INVITE_BATCH)
		return error_set(e, ERROR_USAGE, "TIMECAMP_INVITE_BATCH is %d; it must be between 1 and %d",
				 run->batch, MAX_INVITE_BATCH);
	run->looks_again = settings_on("TIMECAMP_SYNC_PERSISTENT_SETTINGS");
	if (!settings_on("TIMECAMP_SSL_VERIFY")) {
		run->http_flags |= HTTP_NO_VERIFY;
		log_warning("TIMECAMP_SSL_VERIFY is off: whoever answers in the service's name gets the"
			    " API key");
	}
	return 0;
}

static void group_id(char out[PLAN_ID_MAX], const char *setting)
{
	int64_t id = settings_int(setting);

	out[0] = '\0';
	if (id > 0)
		snprintf(out, PLAN_ID_MAX, "%ld", (long)id);
}

static const char *const policy_settings[PLAN_SWITCHES] = {
	[PLAN_IGNORED] = "TIMECAMP_IGNORED_USER_IDS",
	[PLAN_PROTECT] = "SYNC_PROTECT",
	[PLAN_CREATE_GROUPS] = "TIMECAMP_DISABLE_GROUPS_CREATION",
	[PLAN_CREATE_USERS] = "TIMECAMP_DISABLE_NEW_USERS",
	[PLAN_MOVE_USERS] = "TIMECAMP_DISABLE_GROUP_UPDATES",
	[PLAN_CHANGE_ROLES] = "TIMECAMP_DISABLE_ROLE_UPDATES",
	[PLAN_DISABLE_USERS] = "TIMECAMP_DISABLE_USER_DEACTIVATION",
	[PLAN_SYNC_ADDRESS] = "TIMECAMP_DISABLE_ADDITIONAL_EMAIL_SYNC",
	[PLAN_SYNC_EXTERNAL_ID] = "TIMECAMP_DISABLE_EXTERNAL_ID_SYNC",
	[PLAN_EMAIL] = "TIMECAMP_UPDATE_EMAIL_ON_EXTERNAL_ID",
	[PLAN_SPARE_MANUAL] = "TIMECAMP_DISABLE_MANUAL_USER_UPDATES",
};

static void timecamp_policy(struct plan_policy *y)
{
	memset(y, 0, sizeof(*y));
	group_id(y->root, "TIMECAMP_ROOT_GROUP_ID");
	group_id(y->leavers, "TIMECAMP_DISABLED_USERS_GROUP_ID");
	y->ignored = settings_text("TIMECAMP_IGNORED_USER_IDS");
	y->protect = settings_text("SYNC_PROTECT");
	y->create_groups = !settings_on("TIMECAMP_DISABLE_GROUPS_CREATION");
	y->create_users = !settings_on("TIMECAMP_DISABLE_NEW_USERS");
	y->move_users = !settings_on("TIMECAMP_DISABLE_GROUP_UPDATES");
	y->change_roles = !settings_on("TIMECAMP_DISABLE_ROLE_UPDATES");
	y->disable_users = !settings_on("TIMECAMP_DISABLE_USER_DEACTIVATION");
	y->remove_empty_groups = settings_on("TIMECAMP_REMOVE_EMPTY_GROUPS");
	y->sync_address = !settings_on("TIMECAMP_DISABLE_ADDITIONAL_EMAIL_SYNC");
	y->sync_external_id = !settings_on("TIMECAMP_DISABLE_EXTERNAL_ID_SYNC");
	y->email_by_external_id = settings_on("TIMECAMP_UPDATE_EMAIL_ON_EXTERNAL_ID");
	y->spare_manual = settings_on("TIMECAMP_DISABLE_MANUAL_USER_UPDATES");
	y->later = settings_on("TIMECAMP_SYNC_PERSISTENT_SETTINGS");
	y->max_levels = TIMECAMP_LEVELS;
	y->settings = policy_settings;
}

const struct target target_timecamp = {
	.name = "timecamp",
	.title = "TimeCamp",
	.settings = timecamp_settings,
	.denied = "check TIMECAMP_API_KEY, which must be the key of an administrator",
	.open = timecamp_open,
	.policy = timecamp_policy,
	.load = timecamp_load,
	.request = timecamp_request,
	.invite = timecamp_invite,
	.invited = timecamp_invited,
	.made = timecamp_made,
	.look = timecamp_look,
	.list_users = timecamp_list_users,
	.keep = timecamp_keep,
	.check = timecamp_check,
};
