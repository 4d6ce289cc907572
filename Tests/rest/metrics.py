"""Scrapes /metrics as Prometheus does, in both formats, and compares what it parses with docs/rest.md.

    python metrics.py URL [--job NAME]... [--token-file FILE] [--authority FILE]

A NAME is a job that has to be there. With Prometheus' own parsers (prometheus-client). Ends with 0 when nothing is wrong.
"""

import argparse
import json
import pathlib
import re
import ssl
import sys
import urllib.request

from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client import parser as text

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent

# Its name without _total, its type, its labels: the table of docs/rest.md, which is compared with this.
FAMILIES = {
    "taro_job_runs": ("counter", {"job", "outcome"}),
    "taro_job_running": ("gauge", {"job"}),
    "taro_job_last_start_timestamp_seconds": ("gauge", {"job"}),
    "taro_job_last_success_timestamp_seconds": ("gauge", {"job"}),
    "taro_job_last_exit_code": ("gauge", {"job"}),
    "taro_job_duration_seconds": ("histogram", {"job"}),
    "taro_job_breaches": ("counter", {"job", "problem"}),
    "taro_check_status": ("gauge", set()),
    "taro_check_timestamp_seconds": ("gauge", set()),
    "taro_check_jobs": ("gauge", set()),
    "taro_check_problems": ("gauge", {"problem"}),
    "taro_check_problem": ("gauge", {"job", "problem"}),
    "taro_check_problem_since_timestamp_seconds": ("gauge", {"job", "problem"}),
    "taro_check_problem_last_good_timestamp_seconds": ("gauge", {"job", "problem"}),
    "taro_ledger_head_seq": ("gauge", set()),
    "taro_ledger_size_bytes": ("gauge", set()),
    "taro_ledger_lag_events": ("gauge", set()),
    "taros_http_requests": ("counter", {"method", "route", "status"}),
    "taros_http_request_duration_seconds": ("histogram", {"method", "route"}),
    "taros_streams": ("gauge", set()),
    "taros_refused": ("counter", {"reason"}),
}
OUTCOMES = {
    "completed", "stopped", "disabled", "cancelled", "skipped", "dependency_not_running", "suspended", "failed",
    "start_failed", "error", "lost", "interrupted",
}
# Beside these jobs the rest is one.
MOST_JOBS = 1000
OTHERS = "…other"
METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "other"}

faults = []


def expect(is_right, what):
    if not is_right:
        faults.append(what)


def scrape(url, accept, arguments):
    request = urllib.request.Request(url.rstrip("/") + "/metrics", headers={"Accept": accept})
    if arguments.token_file:
        token = pathlib.Path(arguments.token_file).read_text().strip()
        request.add_header("Authorization", "Bearer " + token)
    context = ssl.create_default_context(cafile=arguments.authority) if url.startswith("https:") else None
    with urllib.request.urlopen(request, timeout=60, context=context) as answer:
        return answer.headers["Content-Type"], answer.read().decode("utf-8")


def check(families, form):
    for name, (kind, labels) in FAMILIES.items():
        family = families.get(name)
        if family is None:
            expect(False, f"{form}: {name} is not there")
            continue
        expect(family.type == kind, f"{form}: {name} is a {family.type}, not a {kind}")
        expect(family.documentation.strip(), f"{form}: {name} has no HELP")
        for sample in family.samples:
            more = {"le"} if sample.name.endswith("_bucket") else set()
            found = set(sample.labels)
            expect(found == labels | more, f"{form}: {sample.name} has the labels {sorted(found)}")
            expect(kind != "counter" or sample.value >= 0, f"{form}: {sample.name} is {sample.value}")
    for name in families:
        expect(name in FAMILIES, f"{form}: {name} is not documented")
    for name, family in families.items():
        if family.type == "histogram":
            check_histogram(name, family, form)
    check_values(families, form)


def check_histogram(name, family, form):
    """What the parser of the text format lets pass."""
    series = {}
    for sample in family.samples:
        key = tuple(sorted((label, value) for label, value in sample.labels.items() if label != "le"))
        one = series.setdefault(key, {"buckets": []})
        if sample.name.endswith("_bucket"):
            one["buckets"].append((float(sample.labels["le"].replace("+Inf", "inf")), sample.value))
        else:
            one[sample.name.removeprefix(name)] = sample.value
    for key, one in series.items():
        bounds = [bound for bound, _ in one["buckets"]]
        counts = [count for _, count in one["buckets"]]
        expect(bounds == sorted(set(bounds)), f"{form}: {name}{key}: bounds {bounds}")
        expect(counts == sorted(counts), f"{form}: {name}{key}: counts that go down {counts}")
        expect(bounds and bounds[-1] == float("inf"), f"{form}: {name}{key}: no bucket +Inf")
        expect(counts and counts[-1] == one.get("_count"), f"{form}: {name}{key}: +Inf is not _count")
        expect("_sum" in one, f"{form}: {name}{key}: no _sum")
        if name == "taro_job_duration_seconds" and len(bounds) > 1:
            expect((bounds[0], bounds[-2]) == (0.1, 21600), f"{form}: {name}{key}: from {bounds[0]} to {bounds[-2]} s")


def values(families, name, label):
    return {sample.labels.get(label) for sample in families[name].samples} if name in families else set()


def check_values(families, form):
    jobs = set().union(*(values(families, name, "job") for name in FAMILIES if name.startswith("taro_job_")))
    expect(len(jobs - {OTHERS}) <= MOST_JOBS, f"{form}: {len(jobs)} jobs")
    for outcome in values(families, "taro_job_runs", "outcome") - OUTCOMES:
        expect(False, f"{form}: outcome {outcome}")
    for method in values(families, "taros_http_requests", "method") - METHODS:
        expect(False, f"{form}: method {method}")
    for status in values(families, "taros_http_requests", "status"):
        expect(re.fullmatch("[1-5][0-9][0-9]", status or ""), f"{form}: status {status}")
    routes = set(json.loads((ROOT / "schema/openapi.json").read_text())["paths"])
    # What leads nowhere is one route, or each path that somebody guesses would be a series for ever.
    for route in values(families, "taros_http_requests", "route") - routes - {"-", "/"}:
        expect(False, f"{form}: route {route}")


def counters(families):
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families.values() if family.type == "counter" for sample in family.samples
        if not sample.name.endswith("_created")
    }


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("url")
    arguments.add_argument("--job", action="append", default=[])
    arguments.add_argument("--token-file")
    arguments.add_argument("--authority")
    arguments = arguments.parse_args()

    kind, body = scrape(arguments.url, "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", arguments)
    expect(kind.startswith("text/plain; version=0.0.4"), f"text: the Content-Type is {kind}")
    expect("# EOF" not in body, "text: it ends as OpenMetrics does")
    plain = {family.name: family for family in text.text_string_to_metric_families(body)}
    check(plain, "text")

    accept = "application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5"
    kind, body = scrape(arguments.url, accept, arguments)
    expect(kind.startswith("application/openmetrics-text; version=1.0.0"), f"OpenMetrics: the Content-Type is {kind}")
    try:
        rich = {family.name: family for family in openmetrics.text_string_to_metric_families(body)}
    except ValueError as error:
        rich = {}
        expect(False, f"OpenMetrics: it cannot be parsed: {error}")
    check(rich, "OpenMetrics")

    before, after = counters(plain), counters(rich)
    for key, value in before.items():
        expect(after.get(key, -1) >= value, f"{key[0]}{dict(key[1])}: {value}, and then {after.get(key)}")
    for job in arguments.job:
        for name in ("taro_job_runs", "taro_job_duration_seconds"):
            expect(job in values(plain, name, "job"), f"{name} has no job {job!r}")

    for fault in faults:
        print(f"metrics: {fault}")
    print(f"metrics, {arguments.url}: {len(faults)} faults in {len(plain)} families" if faults
          else f"metrics, {arguments.url}: nothing found, {len(plain)} families")
    return 1 if faults else 0


sys.exit(main())
