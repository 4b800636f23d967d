#!/usr/bin/python3
"""same_users.py EXPECTED GOT: whether two users.json hold the same people. A directory promises no order."""
import json
import sys


def people(path):
    with open(path, encoding="utf-8") as f:
        users = json.load(f)["users"]
    return sorted(users, key=lambda u: (u["external_id"], u["email"], u["name"]))


expected, got = people(sys.argv[1]), people(sys.argv[2])
for sign, some, others in (("-", expected, got), ("+", got, expected)):
    for user in some:
        if user not in others:
            print(sign, json.dumps(user, ensure_ascii=False, sort_keys=True))
sys.exit(expected != got)
