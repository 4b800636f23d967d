#include "app/app.h"
#include "net/http.h"
#include "plan/plan.h"
#include "prepare/prepare.h"
#include "source/source.h"
#include "target/target.h"

static const struct setting general_settings[] = {
	{ "DISABLE_FILE_LOGGING", SETTING_SWITCH, "false", 0, "write no log file below var/logs" },
	{ "LOG_FORMAT", SETTING_TEXT, "text", 0, "text, or json: each line of the log is a JSON object" },
	{ NULL, SETTING_TEXT, NULL, 0, NULL }
};

const struct setting_group app_setting_groups[] = {
	{ "General", general_settings },
	{ "Monitoring", record_settings },
	{ "Network", net_settings },
	{ "All sources", source_settings },
	{ "LDAP / Active Directory", ldap_settings },
	{ "Microsoft Entra ID", entra_settings },
	{ "Okta", okta_settings },
	{ "BambooHR", bamboohr_settings },
	{ "HiBob", hibob_settings },
	{ "Factorial", factorial_settings },
	{ "File", file_settings },
	{ "Prepare", prepare_settings },
	{ "All targets", target_settings },
	{ "Limits", plan_settings },
	{ "TimeCamp", timecamp_settings },
	{ NULL, NULL }
};

int app_is_set_up(const struct setting *row)
{
	for (; row->name; row++)
		if (settings_given(row->name) && settings_text(row->name)[0])
			return 1;
	return 0;
}
