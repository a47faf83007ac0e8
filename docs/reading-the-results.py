"""Reads the results of your cohorts into pandas. Needs `pip install pandas`, an address and a token:

    PUENTE_URL=https://puente.example PUENTE_TOKEN=pte_… python docs/reading-the-results.py

The token is made on the page "Tokens for other programs". What the columns mean: docs/api.md.
"""

# %% The address and the token come from the environment: a token is a password and belongs in no notebook.
import json
import os
import urllib.parse
import urllib.request

import pandas as pd

URL, TOKEN = os.environ["PUENTE_URL"].rstrip("/"), os.environ["PUENTE_TOKEN"]


def read(path, **query):
    address = f"{URL}/api/v1/{path}?{urllib.parse.urlencode(query)}"
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {TOKEN}"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return json.load(answer)


def observations(cohort, **query):
    """All pages as one table, one line per figure."""
    page, lines = 1, []
    while True:
        answer = read(f"cohorts/{cohort}/observations", page=page, **query)
        lines += answer["results"]
        if page >= answer["pages"]:
            return pd.DataFrame(lines)
        page += 1


# %% The cohorts that you may read.
cohorts = pd.DataFrame(read("cohorts"))
print(cohorts[["id", "name", "starts_on", "status"]].to_string(index=False))

# %% One line per figure of the first cohort. Where there is no figure, `hidden` says why.
figures = observations(int(cohorts.loc[0, "id"]), view="all", language="en")
print(figures.groupby("level")[["value", "hidden"]].count().rename(columns={"value": "figures"}).to_string())

# %% Change before and after, by construct: one design and one kind of evidence at a time, never together.
pairs = figures[(figures["design"] == "true_pre_post") & (figures["evidence"] == "objective") & figures["value"].notna()]
change = pairs[pairs["row"] == pairs["construct"]].pivot_table(index="construct", columns="statistic", values="value")
change["n"] = pairs.groupby("construct")["n"].first()
print(change[["n", "before_mean", "after_mean", "improved", "same", "worse"]].to_string())
