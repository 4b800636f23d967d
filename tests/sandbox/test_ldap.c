/*
 * test_ldap PROGRAM DIR [STEP]: runs "PROGRAM fetch ldap" in the scratch folder DIR against the simulated LDAP
 * server: what it reads, and that each thing that goes wrong has its own message and exit code and leaves the
 * old users.json as it was. Ends with "N passed, M failed".
 */
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "harness.h"
#include "ldap/ldap_int.h"
#include "port.h"
#include "sandbox/ldapsim.h"

#define SETTINGS 8		/* of one case, besides the usual ones */
#define FRAGMENTS 8
#define CUT_LEAST 60		/* bytes that the answers about one person have at least, and at most */
#define CUT_MOST 400

static const char old_users[] = "{\"users\":[{\"external_id\":\"old\"}]}\n";

/* A read that succeeds. */
struct good {
	const char *name;
	struct ldapsim_options sim;
	const char *settings[SETTINGS];	/* "NAME=value"; "{port}" in it is the server's */
	const char *users[FRAGMENTS];	/* what users.json must hold, in this order */
	int count;			/* people in it */
	int searches;			/* requests that it took; 0: any number */
};

/* One that fails. */
struct bad {
	const char *name;
	struct ldapsim_options sim;
	const char *settings[SETTINGS];
	int code;			/* exit code */
	const char *says;		/* what the message must hold */
};

/* ---- what a server may say besides, as bytes ------------------------------------------------------------ */

#define RAW(bytes) { bytes, sizeof(bytes) - 1 }
/* Notice of disconnection, unavailable (52) (RFC 4511, 4.4.1). */
#define SHUT_DOWN RAW("\x30\x24\x02\x01\x00\x78\x1f\x0a\x01\x34\x04\x00\x04\x00\x8a\x16" "1.3.6.1.4.1.1466.20036")
/* A notice that nobody knows. */
#define NOTICE RAW("\x30\x15\x02\x01\x00\x78\x10\x0a\x01\x00\x04\x00\x04\x00\x8a\x07" "1.2.3.4")
/* The end of a search, under the number of the bind. */
#define DONE_1 RAW("\x30\x0c\x02\x01\x01\x65\x07\x0a\x01\x00\x04\x00\x04\x00")

/* ---- what the directory holds --------------------------------------------------------------------------- */

/* Ada's manager comes later, Bo's is Ada, Cai's is hidden (Zoe, whose own is hidden too), Dov's is nowhere. */
static const char company[] =
	"dn: cn=Ada,ou=Eng,dc=example\nobjectGUID: 0123456789abcdea\n"
	"sAMAccountName: ADA\nmail: Ada@Example.com\ndisplayName: Ada A\ndepartment: Eng\ntitle: Lead\n"
	"manager: CN=Bob,OU=Top,DC=example\n\n"
	"dn: cn=Bo\\2C B,ou=Eng,dc=example\nobjectGUID: 0123456789abcdeb\n"
	"sAMAccountName: bo\nmail: bo@example.com\ngivenName: Bo\nsn: B\nmanager: cn=ada,ou=eng,dc=example\n\n"
	"dn: cn=Cai,ou=Ops,dc=example\nobjectGUID: 0123456789abcdec\n"
	"sAMAccountName: cai\ndisplayName:: Q8Op\nmanager: cn=Zoe,ou=Gone,dc=example\n\n"
	"dn: cn=Dov,ou=Ops,dc=example\nobjectGUID: 0123456789abcded\n"
	"mail: x@other.org, dov@example.org\ndisplayName: Dov \"D\"\nmanager: cn=Nobody,dc=example\n"
	"memberOf: cn=one,dc=example\nmemberOf: cn=two,dc=example\nmemberOf: cn=three,dc=example\n"
	"memberOf: cn=four,dc=example\nmemberOf: cn=Chiefs\\2C all,dc=example\n\n"
	"dn: cn=Bob,ou=Top,dc=example\nobjectGUID: 0123456789abcdef\n"
	"sAMAccountName: bob\nmail: bob@example.com\ndisplayName: Bob T\n\n"
	"dn: cn=Zoe,ou=Gone,dc=example\nhidden: yes\nobjectGUID: 0123456789abcdez\n"
	"sAMAccountName: zoe\ndisplayName: Zoe Z\nmanager: cn=Yan,ou=Gone,dc=example\n\n"
	"dn: cn=Yan,ou=Gone,dc=example\nhidden: yes\nobjectGUID: 0123456789abcdey\n"
	"sAMAccountName: yan\ndisplayName: Yan Y\nmanager: cn=Bob,ou=Top,dc=example\n\n"
	"dn: ou=Eng,dc=example\nhidden: yes\nou: Eng\ndescription: Engineers \"&\" more\n\n"
	"dn: ou=Ops,dc=example\nhidden: yes\nou: Ops\n\n";

/* Two people with two levels of hidden managers each; the names stand for the ids. */
#define CHIEF(cn, more) "dn: cn=" cn ",dc=example\nobjectGUID: 0123456789" cn "\ndisplayName: " more "\n\n"
static const char chiefs[] =
	CHIEF("person", "Eva\nmanager: cn=boss-e,dc=example")
	CHIEF("people", "Fay\nmanager: cn=boss-f,dc=example")
	CHIEF("boss-e", "Boss of Eva\nhidden: yes\nmanager: cn=high-e,dc=example")
	CHIEF("boss-f", "Boss of Fay\nhidden: yes\nmanager: cn=high-f,dc=example")
	CHIEF("high-e", "Above Eva\nhidden: yes")
	CHIEF("high-f", "Above Fay\nhidden: yes");

/* The least that is a person. */
#define EVE "dn: cn=Eve,dc=example\nobjectGUID: 0123456789abcdee\nmail: eve@example.com\n\n"
static const char lonely[] = EVE;
static const char twice[] = EVE EVE;

/* The ids that this makes: all but the last byte are the same. */
#define GUID(last) "33323130-3534-3736-3839-6162636465" last
#define ADA GUID("61")
#define BO GUID("62")
#define CAI GUID("63")
#define DOV GUID("64")
#define BOB GUID("66")
#define ZOE GUID("7a")
#define YAN GUID("79")

#define ADA_WHOLE "{\"external_id\":\"" ADA "\",\"name\":\"Ada A\",\"email\":\"ada@example.com\"," \
	"\"department\":\"Eng\",\"job_title\":\"Lead\",\"status\":\"active\",\"supervisor_id\":\"" BOB "\"}"
#define BO_WHOLE "{\"external_id\":\"" BO "\",\"name\":\"Bo B\",\"email\":\"bo@example.com\"," \
	"\"department\":\"\",\"job_title\":\"\",\"status\":\"active\",\"supervisor_id\":\"" ADA "\"}"
#define CAI_WHOLE "{\"external_id\":\"" CAI "\",\"name\":\"C\xc3\xa9\",\"email\":\"cai@example.org\"," \
	"\"department\":\"\",\"job_title\":\"\",\"status\":\"active\",\"supervisor_id\":\"" ZOE "\"}"
#define DOV_WHOLE "{\"external_id\":\"" DOV "\",\"name\":\"Dov \\\"D\\\"\",\"email\":\"x@other.org\"," \
	"\"department\":\"\",\"job_title\":\"\",\"status\":\"active\",\"supervisor_id\":\"\"}"
#define BOB_WHOLE "{\"external_id\":\"" BOB "\",\"name\":\"Bob T\",\"email\":\"bob@example.com\"," \
	"\"department\":\"\",\"job_title\":\"\",\"status\":\"active\",\"supervisor_id\":\"\"}"
#define LONELY_WHOLE "{\"external_id\":\"" GUID("65") "\",\"name\":\"\",\"email\":\"eve@example.com\"," \
	"\"department\":\"\",\"job_title\":\"\",\"status\":\"active\",\"supervisor_id\":\"\"}"
#define EVERYBODY { ADA_WHOLE, BO_WHOLE, CAI_WHOLE, DOV_WHOLE, BOB_WHOLE }

/* The managers whom the first people of a crowd name, one after the other: "boss-00000000003" and so on. */
#define BOSS(number) "{\"external_id\":\"73736f62-302d-3030-3030-30303030" number "\""
#define ADDED { "\"Person 29\"", BOSS("3033"), BOSS("3130"), BOSS("3137"), BOSS("3034"), BOSS("3131") }

#define MAIL(mail) "\"email\":\"" mail "\",\"department\""
#define BOTH(mail, real) "\"email\":\"" mail "\",\"real_email\":\"" real "\""

static const struct good good[] = {
	{ "reads", { .ldif = company }, { NULL }, EVERYBODY, 5, 3 },
	{ "pages of two", { .ldif = company, .password = "right" }, { "LDAP_PAGE_SIZE=2" }, EVERYBODY, 5, 5 },
	{ "no pages", { .ldif = company }, { "LDAP_PAGE_SIZE=0" }, EVERYBODY, 5, 3 },
	{ "small pieces", { .ldif = company, .chop = 7 }, { "LDAP_PAGE_SIZE=2" }, EVERYBODY, 5, 5 },
	{ "references and notices", { .ldif = company, .reference = "ldap://elsewhere/dc=x",
	  .fault = LDAPSIM_UNKNOWN_NOTICE, .fault_after = 2 }, { "LDAP_PAGE_SIZE=2" }, EVERYBODY, 5, 5 },
	{ "second host", { .ldif = company }, { "LDAP_HOST=127.0.0.1:1 ldap://127.0.0.1:{port}/" },
	  EVERYBODY, 5, 3 },
	{ "missing managers", { .ldif = company }, { "TIMECAMP_USE_SUPERVISOR_GROUPS=true" },
	  { ADA_WHOLE, CAI_WHOLE, "\"name\":\"Zoe Z\",\"email\":\"zoe@example.org\",\"department\":\"\","
	    "\"job_title\":\"\",\"status\":\"inactive\",\"supervisor_id\":\"" YAN "\"" }, 6, 4 },
	{ "two levels of them", { .ldif = company },
	  { "TIMECAMP_USE_SUPERVISOR_GROUPS=true", "LDAP_SUPERVISOR_LEVELS=2" },
	  { "\"name\":\"Yan Y\",\"email\":\"yan@example.org\",\"department\":\"\",\"job_title\":\"\","
	    "\"status\":\"inactive\",\"supervisor_id\":\"" BOB "\"" }, 7, 4 },
	{ "role from a group", { .ldif = company }, { "LDAP_SUPERVISOR_GROUP_NAME=chiefs, all" },
	  { "\"force_supervisor_role\":true" }, 5, 3 },
	{ "role from a group, name escaped", { .ldif = company }, { "LDAP_GLOBAL_ADMIN_GROUP_NAME=Chiefs\\, all" },
	  { "\"force_global_admin_role\":true" }, 5, 3 },
	{ "role from a group, in ranges", { .ldif = company, .range_max = 2 },
	  { "LDAP_SUPERVISOR_GROUP_NAME=Chiefs, All", "LDAP_GLOBAL_ADMIN_GROUP_NAME=two" },
	  { "\"force_supervisor_role\":true,\"force_global_admin_role\":true,\"supervisor_id\":\"\"}" }, 5, 5 },
	{ "units", { .ldif = company }, { "LDAP_USE_OU_STRUCTURE=true" },
	  { "\"department\":\"Eng\"", "\"department\":\"Ops\"", "\"department\":\"Top\"" }, 5, 3 },
	{ "units with descriptions", { .ldif = company },
	  { "LDAP_USE_OU_STRUCTURE=true", "LDAP_USE_OU_DESCRIPTION=true" },
	  { "\"department\":\"Engineers \\\"&\\\" more\"", "\"department\":\"Ops\"" }, 5, 6 },
	{ "some units only", { .ldif = company }, { "LDAP_USER_OUS=Top, Eng" },
	  { BOB_WHOLE, ADA_WHOLE, BO_WHOLE }, 3, 2 },
	{ "login only", { .ldif = company }, { "LDAP_USE_SAMACCOUNTNAME_ONLY=true" },
	  { BOTH("ada", "ada@example.com"), MAIL("cai"), MAIL("x@other.org") }, 5, 0 },
	{ "login first", { .ldif = company }, { "LDAP_USE_SAMACCOUNTNAME=true" },
	  { BOTH("ada@example.org", "ada@example.com"), MAIL("cai@example.org") }, 5, 0 },
	{ "login with a domain", { .ldif = company },
	  { "LDAP_USE_WINDOWS_LOGIN_EMAIL=true", "LDAP_EMAIL_DOMAIN=Win.Example" },
	  { BOTH("bo@win.example", "bo@example.com") }, 5, 0 },
	{ "real e-mail", { .ldif = company },
	  { "LDAP_USE_SAMACCOUNTNAME=true", "LDAP_USE_REAL_EMAIL_AS_EMAIL=true" },
	  { BOTH("ada@example.com", ""), MAIL("cai@example.org") }, 5, 0 },
	{ "preferred domain", { .ldif = company }, { "TIMECAMP_REPLACE_EMAIL_DOMAIN=@Example.org" },
	  { "\"name\":\"Dov \\\"D\\\"\",\"email\":\"dov@example.org\"" }, 5, 0 },
	{ "another directory", { .ldif = "dn: uid=u,dc=example\nentryUUID: 1-2-3\nuid: Uma\ncn: Uma\nsn: U\n\n" },
	  { "LDAP_ATTR_ID=entryUUID", "LDAP_ATTR_LOGIN=uid" },
	  { "{\"external_id\":\"1-2-3\",\"name\":\"U\",\"email\":\"uma@example.org\"" }, 1, 1 },
	{ "odd values", { .ldif = "dn: cn=u,dc=example\nobjectGUID: short\nsn:: /0E=\n\n" }, { NULL },
	  { "{\"external_id\":\"\",\"name\":\"\xef\xbf\xbd" "A\",\"email\":\"\"" }, 1, 1 },
	{ "many look-ups", { .people = 300, .outside = 3 * MAX_LDAP_WINDOW + 1 }, { NULL },
	  /* "boss-00000000003" */
	  { "\"name\":\"Person 0\",\"email\":\"p0@example.com\",\"department\":\"\",\"job_title\":\"\","
	    "\"status\":\"active\",\"supervisor_id\":\"73736f62-302d-3030-3030-303030303033\"" },
	  300, 1 + 3 * MAX_LDAP_WINDOW + 1 },
	{ "added in the order of their people", { .people = 30, .outside = 20 },
	  { "TIMECAMP_USE_SUPERVISOR_GROUPS=true" }, ADDED, 50, 21 },
	{ "answered in another order", { .people = 30, .outside = 20, .backwards = 1 },
	  { "TIMECAMP_USE_SUPERVISOR_GROUPS=true" }, ADDED, 50, 21 },
	{ "two levels of them, backwards", { .ldif = chiefs, .backwards = 1 },
	  { "TIMECAMP_USE_SUPERVISOR_GROUPS=true", "LDAP_SUPERVISOR_LEVELS=2" },
	  { "\"Eva\"", "\"Fay\"", "\"Boss of Eva\"", "\"Boss of Fay\"", "\"Above Eva\"", "\"Above Fay\"" }, 6, 5 },
	{ "a notice before all", { .ldif = company, .fault = LDAPSIM_RAW_HELLO, .raw = NOTICE }, { NULL },
	  EVERYBODY, 5, 3 },
	{ "shuts down when all is said", { .ldif = lonely, .fault = LDAPSIM_RAW_END, .raw = SHUT_DOWN },
	  { NULL }, { LONELY_WHOLE }, 1, 1 },
	{ "an intermediate response", { .ldif = company, .fault = LDAPSIM_RAW_MORE,
	  .raw = RAW("\x30\x05\x02\x01\x02\x79\x00") }, { NULL }, EVERYBODY, 5, 3 },
	{ "a length in five bytes", { .ldif = company, .fault = LDAPSIM_RAW_MORE, .fault_after = 2,
	  .raw = RAW("\x30\x85\x00\x00\x00\x00\x0a\x02\x01\x02\x73\x05\x04\x03x:y") }, { NULL },
	  EVERYBODY, 5, 3 },
	{ "a reference to nowhere", { .ldif = company, .fault = LDAPSIM_RAW_MORE,
	  .raw = RAW("\x30\x05\x02\x01\x02\x73\x00") }, { NULL }, EVERYBODY, 5, 3 },
	{ "an entry twice", { .ldif = twice }, { NULL }, { LONELY_WHOLE ",\n" LONELY_WHOLE "]" }, 2, 1 },
	{ "a crowd", { .people = 3000 }, { NULL },
	  { "\"name\":\"Person 2999\",\"email\":\"p2999@example.com\"" }, 3000, 3 }
};

static const struct bad bad[] = {
	{ "wrong password", { .ldif = company, .password = "other",
	  .bind_text = "80090308: LdapErr: DSID-0C09, comment: AcceptSecurityContext error, data 52e, v2580" },
	  { NULL }, 7, "as \"reader@example.org\": invalidCredentials (49): wrong password" },
	{ "expired password", { .ldif = company, .bind_code = 49, .bind_text = "x, data 532, v2580" },
	  { NULL }, 7, "the password has expired" },
	{ "TLS required", { .ldif = company, .bind_code = 8 }, { NULL }, 7, "set LDAP_USE_START_TLS=true" },
	{ "confidentiality required", { .ldif = company, .bind_code = 13 }, { NULL }, 7,
	  "set LDAP_USE_START_TLS=true" },
	{ "closed port", { .ldif = company }, { "LDAP_HOST=127.0.0.1:1" }, 6, "127.0.0.1:1" },
	{ "unknown host", { .ldif = company }, { "LDAP_HOST=no-such-host.invalid" }, 6, "no-such-host.invalid" },
	{ "two closed ports", { .ldif = company }, { "LDAP_HOST=127.0.0.1:1 127.0.0.1:2" }, 6, "127.0.0.1:2" },
	{ "gone in page 2", { .people = 10, .fault = LDAPSIM_CLOSE, .fault_after = 6 }, { "LDAP_PAGE_SIZE=4" },
	  6, "ended the connection before the answer was complete" },
	{ "reset in page 2", { .people = 10, .fault = LDAPSIM_RESET, .fault_after = 6 }, { "LDAP_PAGE_SIZE=4" },
	  6, "" },
	{ "hangs in page 2", { .people = 10, .fault = LDAPSIM_HANG, .fault_after = 6 },
	  { "LDAP_PAGE_SIZE=4", "LDAP_TIMEOUT=1" }, 6, "127.0.0.1" },
	{ "element cut off", { .people = 10, .fault = LDAPSIM_TRUNCATED, .fault_after = 6 }, { NULL },
	  6, "malformed" },
	{ "huge message", { .people = 10, .fault = LDAPSIM_OVERSIZED, .fault_after = 6 }, { NULL },
	  6, "or one of more than 4194304 bytes" },
	{ "no LDAP", { .people = 10, .fault = LDAPSIM_GARBAGE }, { NULL }, 6, "no LDAP message" },
	{ "another's answer", { .people = 10, .fault = LDAPSIM_WRONG_ID, .fault_after = 6 }, { NULL },
	  6, "does not belong to any request" },
	{ "another kind of answer", { .people = 10, .fault = LDAPSIM_WRONG_OP, .fault_after = 6 }, { NULL },
	  6, "does not belong to any request" },
	{ "server shuts down", { .people = 10, .fault = LDAPSIM_NOTICE, .fault_after = 6 }, { NULL },
	  6, "the server ended the connection: unavailable (52)" },
	{ "empty pages", { .people = 10, .fault = LDAPSIM_EMPTY_PAGES, .fault_after = 6 }, { NULL },
	  6, /* MAX_LDAP_EMPTY_PAGES and one more */ "1001 empty pages" },
	{ "the same page again", { .people = 10, .fault = LDAPSIM_ROUND }, { NULL }, 6,
	  "sends the same page of entries again" },
	{ "pages in a circle", { .people = 50, .fault = LDAPSIM_ROUND }, { "LDAP_PAGE_SIZE=4" }, 6,
	  "sends the same page of entries again" },
	{ "indefinite length", { .people = 10, .fault = LDAPSIM_RAW, .fault_after = 6,
	  .raw = RAW("\x30\x80\x02\x01\x02\x65\x07\x0a\x01\x00\x04\x00\x04\x00\x00\x00") }, { NULL }, 6,
	  "no LDAP message" },
	{ "a length beyond 32 bits", { .people = 10, .fault = LDAPSIM_RAW, .fault_after = 6,
	  .raw = RAW("\x30\x85\x01\x00\x00\x00\x0c\x02\x01\x02") }, { NULL }, 6, "or one of more than 4194304 bytes" },
	{ "a length beyond 64 bits", { .people = 10, .fault = LDAPSIM_RAW, .fault_after = 6,
	  .raw = RAW("\x30\x89\x01\x00\x00\x00\x00\x00\x00\x00\x0c") }, { NULL }, 6, "no LDAP message" },
	/* MAX_LDAP_MESSAGE, and the header besides */
	{ "a message just too large", { .people = 10, .fault = LDAPSIM_RAW, .fault_after = 6,
	  .raw = RAW("\x30\x83\x40\x00\x00\x02\x01\x02") }, { NULL }, 6, "or one of more than 4194304 bytes" },
	{ "an element beyond its set", { .people = 10, .fault = LDAPSIM_RAW, .fault_after = 6,
	  .raw = RAW("\x30\x15\x02\x01\x02\x64\x10\x04\x04" "cn=a\x30\x08\x30\x06\x04\x01" "a\x31\x01\x04") },
	  { NULL }, 6, "malformed LDAP message (attributes of an entry)" },
	{ "a negative number", { .people = 10, .fault = LDAPSIM_RAW, .fault_after = 6,
	  .raw = RAW("\x30\x0c\x02\x01\xff\x65\x07\x0a\x01\x00\x04\x00\x04\x00") }, { NULL }, 6,
	  "malformed LDAP message (message number)" },
	{ "the number of the bind", { .people = 10, .fault = LDAPSIM_RAW, .fault_after = 6, .raw = DONE_1 },
	  { NULL }, 6, "does not belong to any request" },
	{ "the end under no number", { .people = 10, .fault = LDAPSIM_RAW, .fault_after = 6,
	  .raw = RAW("\x30\x0c\x02\x01\x00\x65\x07\x0a\x01\x00\x04\x00\x04\x00") }, { NULL }, 6,
	  "sent an answer to no request" },
	{ "an unknown operation", { .people = 10, .fault = LDAPSIM_RAW, .fault_after = 6,
	  .raw = RAW("\x30\x05\x02\x01\x02\x7e\x00") }, { NULL }, 6, "does not belong to any request" },
	{ "a result without a code", { .people = 10, .fault = LDAPSIM_RAW, .fault_after = 6,
	  .raw = RAW("\x30\x05\x02\x01\x02\x65\x00") }, { NULL }, 6, "malformed LDAP message (result)" },
	{ "shuts down at once", { .ldif = company, .fault = LDAPSIM_RAW_HELLO, .raw = SHUT_DOWN }, { NULL }, 6,
	  "the server ended the connection: unavailable (52)" },
	{ "shuts down at the bind", { .ldif = company, .fault = LDAPSIM_RAW_BIND, .raw = SHUT_DOWN }, { NULL },
	  6, "the server ended the connection: unavailable (52)" },
	{ "shuts down before the look-ups", { .ldif = company, .fault = LDAPSIM_RAW_END, .raw = SHUT_DOWN },
	  { NULL }, 6, "the server ended the connection: unavailable (52)" },
	{ "the bind goes on", { .ldif = company, .bind_code = 14 }, { NULL }, 7, "saslBindInProgress (14)" },
	{ "the end of a search for a bind", { .ldif = company, .fault = LDAPSIM_RAW_BIND, .raw = DONE_1 },
	  { NULL }, 6, "does not belong to the request" },
	{ "half an answer to the bind", { .ldif = company, .fault = LDAPSIM_RAW_BIND, .raw = RAW("\x30\x0c\x02") },
	  { "LDAP_TIMEOUT=1" }, 6, "127.0.0.1" },
	{ "a web server", { .fault = LDAPSIM_RAW_BIND, .raw = RAW("HTTP/1.1 400 Bad Request\r\n\r\n") }, { NULL }, 6,
	  "is it an LDAP port" },
	{ "a web server for StartTLS", { .fault = LDAPSIM_RAW_HELLO, .raw = RAW("HTTP/1.1 400 Bad Request\r\n\r\n") },
	  { "LDAP_USE_START_TLS=true" }, 6, "is it an LDAP port" },
	{ "a mail server", { .fault = LDAPSIM_RAW_HELLO, .raw = RAW("220 mail.example.com ESMTP\r\n") }, { NULL }, 6,
	  "is it an LDAP port" },
	{ "a TLS alert", { .fault = LDAPSIM_RAW_BIND, .raw = RAW("\x15\x03\x01\x00\x02\x02\x0a") }, { NULL }, 6,
	  "is it an LDAP port, and TLS switched on where it should be?" },
	{ "time limit", { .ldif = company, .search_code = 3 }, { NULL }, 6, "timeLimitExceeded (3)" },
	{ "administrative limit", { .ldif = company, .search_code = 11 }, { NULL }, 6, "adminLimitExceeded (11)" },
	{ "size limit", { .ldif = company, .search_code = 4 }, { NULL },
	  6, "sizeLimitExceeded (4): the server gives fewer" },
	{ "page size limit", { .ldif = company, .page_max = 500 }, { NULL }, 6, "lower LDAP_PAGE_SIZE" },
	{ "busy", { .ldif = company, .search_code = 51 }, { NULL }, 6, "try again later" },
	{ "referral", { .ldif = company, .search_code = 10 }, { NULL }, 6, "another server in LDAP_HOST" },
	{ "no right to read", { .ldif = company, .search_code = 50 }, { NULL },
	  7, "insufficientAccessRights (50)" },
	{ "unknown base", { .ldif = company }, { "LDAP_DN=dc=nowhere" }, 1, "noSuchObject (32)" },
	{ "unknown unit", { .ldif = company }, { "LDAP_USER_OUS=Eng,Missing" }, 1, "LDAP_USER_OUS" },
	{ "nobody", { .ldif = "dn: dc=example\nhidden: yes\n\n" }, { NULL }, 1, "nobody was found" },
	{ "StartTLS refused", { .ldif = company, .tls_code = 52 }, { "LDAP_USE_START_TLS=true" },
	  6, "StartTLS: unavailable" },
	{ "StartTLS without TLS", { .ldif = company }, { "LDAP_USE_START_TLS=true", "LDAP_TIMEOUT=1" },
	  6, "127.0.0.1" },
	{ "both kinds of TLS", { .ldif = company }, { "LDAP_USE_START_TLS=true", "LDAP_USE_SSL=true" },
	  2, "LDAP_USE_SSL and LDAP_USE_START_TLS" },
	{ "StartTLS with ldaps", { .ldif = company },
	  { "LDAP_USE_START_TLS=true", "LDAP_HOST=ldaps://127.0.0.1:{port}" }, 2, "remove LDAP_USE_START_TLS" },
	{ "filter", { .ldif = company }, { "LDAP_FILTER=(a=b" }, 2, "\")\" is missing at character 5 of the filter" },
	{ "host", { .ldif = company }, { "LDAP_HOST=http://x:y" }, 2, "LDAP_HOST" },
	{ "page size", { .ldif = company }, { "LDAP_PAGE_SIZE=-1" }, 2, "LDAP_PAGE_SIZE" },
	{ "no password", { .ldif = company }, { "LDAP_PASSWORD=" }, 2, "LDAP_PASSWORD" }
};

/* ---- running ------------------------------------------------------------------------------------------- */

static struct {
	const char *program, *dir;
	struct buf users, err;		/* of the last run */
	int passed, failed;
} runner;

/* A setting with the port put in. */
static void put_setting(struct buf *out, const char *setting, unsigned port)
{
	struct str s = str_from(setting);
	size_t at = str_find(s, 0, STR("{port}"));

	buf_init(out, HARNESS_PATH);
	buf_put_str(out, str_sub(s, 0, at));
	if (at < s.len)
		buf_printf(out, "%u%.*s", port, STR_ARG(str_sub(s, at + 6, s.len)));
}

/* Whether the case has a value of its own for a usual setting. */
static int is_replaced(const char *usual, const char *const *settings)
{
	size_t name = (size_t)(strchr(usual, '=') - usual) + 1, i;

	for (i = 0; i < SETTINGS && settings[i]; i++)
		if (strncmp(settings[i], usual, name) == 0)
			return 1;
	return 0;
}

/* The usual settings and the case's; the texts are in text. Returns how many. */
static size_t make_env(const char *const *settings, unsigned port, struct buf *text, const char **env)
{
	static const char *const usual[] = {
		"LDAP_HOST=127.0.0.1", "LDAP_PORT={port}", "LDAP_DOMAIN=example.org", "LDAP_DN=dc=example",
		"LDAP_USERNAME=reader", "LDAP_PASSWORD=right"
	};
	size_t n = 0, i;

	for (i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (!is_replaced(usual[i], settings))
			put_setting(&text[n++], usual[i], port);
	for (i = 0; i < SETTINGS && settings[i]; i++)
		put_setting(&text[n++], settings[i], port);
	for (i = 0; i < n; i++)
		env[i] = buf_text(&text[i]);
	env[n] = NULL;
	return n;
}

/* Runs the program over an older users.json and loads what became of it. The exit code, or -1. */
static int fetch(struct ldapsim *sim, const char *const *settings, struct error *e)
{
	const char *env[2 * SETTINGS + 1];
	char users[HARNESS_PATH], dir[HARNESS_PATH];
	struct buf text[2 * SETTINGS];
	struct harness_run r;
	size_t n, i;
	int rc;

	harness_path(dir, runner.dir, "var");
	harness_path(users, dir, "users.json");
	if (harness_fresh(dir, e) != 0 || harness_save(users, str_from(old_users), e) != 0)
		return -1;
	harness_run_init(&r, runner.program, runner.dir);
	harness_run_args(&r, "fetch", "ldap", (const char *)NULL);
	n = make_env(settings, ldapsim_port(sim), text, env);
	r.env = env;
	r.ldap = sim;
	rc = harness_run(&r, e);
	harness_load(users, &runner.users);
	buf_reset(&runner.err);
	buf_put_str(&runner.err, buf_str(&r.err));
	if (rc == 0 && harness_run_crashed(&r))
		rc = error_set(e, ERROR_FAILED, "%s", harness_run_crashed(&r));
	harness_run_release(&r);
	for (i = 0; i < n; i++)
		buf_release(&text[i]);
	return rc == 0 ? r.code : -1;
}

static int count_file(void *cookie, const char *name)
{
	(void)name;
	++*(int *)cookie;
	return 0;
}

/* 1 when the folder of users.json holds nothing but that, the lock and the record of runs. */
static int is_tidy(void)
{
	char path[HARNESS_PATH];
	int files = 0;

	harness_path(path, runner.dir, "var");
	return port_list(path, count_file, &files, NULL) == 0 && files <= 3;
}

static void judge(const char *name, const char *problem, int code, const struct error *e)
{
	if (problem)
		printf("FAIL %s: %s: exit %d: %s%s%s\n", name, problem, code, e->text, buf_text(&runner.err),
		       code == 0 ? buf_text(&runner.users) : "");
	*(problem ? &runner.failed : &runner.passed) += 1;
}

static int count_lines(struct str text)
{
	int n = 0;
	size_t i;

	for (i = 0; i < text.len; i++)
		n += text.ptr[i] == '\n';
	return n;
}

/* The first of the texts that does not stand where it should; NULL: none. */
static const char *missing_text(const struct good *t)
{
	const char *at = buf_text(&runner.users);
	int i;

	for (i = 0; i < FRAGMENTS && t->users[i]; i++) {
		at = strstr(at, t->users[i]);
		if (!at)
			return t->users[i];
		at += strlen(t->users[i]);
	}
	return NULL;
}

/* People that were made by numbers come as the directory has them, the same each time. */
static int is_in_order(int people)
{
	const char *at = buf_text(&runner.users);
	char name[40];
	int i;

	for (i = 0; i < people && at; i++) {
		snprintf(name, sizeof(name), "\"Person %d\"", i);
		at = strstr(at, name);
	}
	return at != NULL;
}

static void run_good(const struct good *t)
{
	struct error e;
	struct ldapsim *sim;
	const char *problem = NULL;
	int code;

	error_init(&e);
	sim = ldapsim_new(&t->sim, &e);
	code = sim ? fetch(sim, t->settings, &e) : -1;
	if (code != 0)
		problem = "did not succeed";
	if (!problem)
		problem = missing_text(t);
	if (!problem && !is_in_order(t->sim.people))
		problem = "another order than the directory's";
	if (!problem && count_lines(buf_str(&runner.users)) != t->count + 1)
		problem = "another number of people";
	if (!problem && t->searches && ldapsim_count(sim, LDAP_SEARCH_REQUEST) != t->searches)
		problem = "another number of requests";
	if (!problem && !is_tidy())
		problem = "files are left over";
	judge(t->name, problem, code, &e);
	ldapsim_free(sim);
}

/* What is wrong after a read that must fail; NULL: nothing. */
static const char *bad_problem(int code, int wanted, const char *says)
{
	const char *said = buf_text(&runner.err);

	if (code != wanted)
		return "another exit code";
	if (!strstr(said, says))
		return says;
	if (!str_eqz(buf_str(&runner.users), old_users))
		return "the old users.json was touched";
	if (strstr(said, "\"right"))
		return "the password is in the message";
	return is_tidy() ? NULL : "files are left over";
}

/* The connection ends after 0, 1, 2 ... bytes of the answers, or after each step-th, until that is all of them. */
static void run_cut(int step)
{
	struct ldapsim_options o = { .ldif = lonely };
	const char *settings[SETTINGS] = { NULL }, *problem = NULL;
	struct ldapsim *sim;
	struct error e;
	char name[40];
	int code = -1;

	error_init(&e);
	for (o.cut = 1; code != 0 && !problem && o.cut < CUT_MOST; o.cut += step) {
		sim = ldapsim_new(&o, &e);
		code = sim ? fetch(sim, settings, &e) : -1;
		if (code != 0)
			problem = bad_problem(code, 6, "127.0.0.1");
		else if (o.cut <= CUT_LEAST || !strstr(buf_text(&runner.users), LONELY_WHOLE))
			problem = "half an answer was enough";
		ldapsim_free(sim);
	}
	if (!problem && code != 0)
		problem = "the whole answer was not enough";
	snprintf(name, sizeof(name), "cut after %d bytes", o.cut - 1 - step);
	judge(name, problem, code, &e);
}

static void run_bad(const struct bad *t)
{
	struct error e;
	struct ldapsim *sim;
	const char *problem;
	int code;

	error_init(&e);
	sim = ldapsim_new(&t->sim, &e);
	code = sim ? fetch(sim, t->settings, &e) : -1;
	problem = bad_problem(code, t->code, t->says);
	judge(t->name, problem, code, &e);
	ldapsim_free(sim);
}

int main(int argc, char **argv)
{
	struct error e;
	uint64_t step = 1;
	size_t i;

	error_init(&e);
	if (port_init(&argc, &argv, &e) != 0 || argc < 3 || harness_fresh(argv[2], &e) != 0 ||
	    (argc > 3 && (str_to_u64(str_from(argv[3]), &step) || step < 1 || step > CUT_LEAST))) {
		printf("test_ldap PROGRAM DIR [STEP] %s\n", e.text);
		return 2;
	}
	runner.program = argv[1];
	runner.dir = argv[2];
	buf_init(&runner.users, HARNESS_FILE_MAX);
	buf_init(&runner.err, HARNESS_FILE_MAX);
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		run_good(&good[i]);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		run_bad(&bad[i]);
	run_cut((int)step);
	buf_release(&runner.users);
	buf_release(&runner.err);
	printf("%d passed, %d failed\n", runner.passed, runner.failed);
	return runner.failed > 0;
}
