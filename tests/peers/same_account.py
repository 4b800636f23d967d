#!/usr/bin/python3
"""same_account.py STATE PREPARED: whether an account of the simulator holds what timecamp_users.json asks for: every
active person enabled, in the group and with the role that is prepared, and nobody else."""
import json
import sys

ROLES = {"1": "administrator", "2": "supervisor", "3": "user", "5": "guest"}

with open(sys.argv[1], encoding="utf-8") as f:
    account = json.load(f)
with open(sys.argv[2], encoding="utf-8") as f:
    wanted = {u["timecamp_email"]: u for u in json.load(f) if u["timecamp_status"] == "active"}
groups = {str(g["group_id"]): g for g in account["groups"]}
root = str(account["root_group_id"])


def path(group):
    names = []
    while group != root:
        names.append(groups[group]["name"])
        group = str(groups[group]["parent_id"])
    return "/".join(reversed(names))


wrong = []
seen = set()
for user in account["users"]:
    if str(user["settings"].get("disabled_user", "0")) == "1":
        continue
    email = user["email"].lower()
    seen.add(email)
    if email not in wanted:
        wrong.append("%s should not be there" % email)
        continue
    is_now = (path(str(user["group_id"])), ROLES[str(user["role_id"])])
    should = (wanted[email]["timecamp_groups_breadcrumb"], wanted[email]["timecamp_role"])
    if is_now != should:
        wrong.append("%s is %s, should be %s" % (email, is_now, should))
wrong += ["%s is missing" % email for email in wanted if email not in seen]
print("\n".join(wrong[:20]))
sys.exit(bool(wrong) or not wanted)
