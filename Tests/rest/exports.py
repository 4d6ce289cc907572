#!/usr/bin/env python3
"""Reads what taro export has written with other people's readers, and prints what they have understood.

  exports.py DIRECTORY    with events.jsonl, runs.csv, batch.json, trace.jsonl and junit.xml in it
"""

import base64
import csv
import json
import sys

from cloudevents.core.formats.json import JSONFormat
from google.protobuf import json_format
from junitparser import Error, Failure, JUnitXml, Skipped
from opentelemetry.proto.logs.v1.logs_pb2 import LogsData
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

directory = sys.argv[1]


def path(name):
    return f"{directory}/{name}"


def lines(name):
    with open(path(name), encoding="utf-8", newline="\n") as file:
        return [json.loads(line) for line in file]


def proto(value):
    """OTLP writes ids in hexadecimal, where the JSON of protocol buffers has base64."""
    if isinstance(value, dict):
        return {
            key: base64.b64encode(bytes.fromhex(item)).decode()
            if key in ("traceId", "spanId", "parentSpanId")
            else proto(item)
            for key, item in value.items()
        }
    return [proto(item) for item in value] if isinstance(value, list) else value


events = lines("events.jsonl")
print(f"jsonl {len(events)} events, {len({event['instance'] for event in events})} runs")

with open(path("runs.csv"), encoding="utf-8", newline="") as file:
    rows = list(csv.DictReader(file, strict=True))
for row in rows:
    assert None not in row and None not in row.values(), row
    print("csv", json.dumps([row["job"], row["state"], row["exit_code"], row["command"]]))

with open(path("batch.json"), encoding="utf-8") as file:
    batch = json.load(file)
read = [JSONFormat().read(None, json.dumps(event)) for event in batch]
assert [event.get_id() for event in read] == [str(event["seq"]) for event in events]
assert [event.get_data() for event in read] == events
assert all(event.get_source().startswith("urn:taro:") for event in read)
print("cloudevents", *sorted({event.get_type() for event in read}))

spans, records = [], []
for line in lines("trace.jsonl"):
    if "resourceSpans" in line:
        for part in json_format.ParseDict(proto(line), TracesData()).resource_spans:
            spans += [span for scope in part.scope_spans for span in scope.spans]
    else:
        for part in json_format.ParseDict(proto(line), LogsData()).resource_logs:
            records += [record for scope in part.scope_logs for record in scope.log_records]
known = {(span.trace_id, span.span_id) for span in spans}
for span in spans:
    assert len(span.trace_id) == 16 and len(span.span_id) == 8
    assert 0 < span.start_time_unix_nano <= span.end_time_unix_nano
    parent = (span.trace_id, span.parent_span_id)
    place = "child" if parent in known else "of another" if span.parent_span_id else "root"
    print("span", span.name, span.status.code, place, span.trace_id.hex())
assert all((record.trace_id, record.span_id) in known for record in records)
for record in records:
    stream = [a.value.string_value for a in record.attributes if a.key == "log.iostream"]
    print("log", json.dumps([*stream, record.body.string_value]))

for suite in JUnitXml.fromfile(path("junit.xml")):
    print(f"junit {suite.name}: {suite.tests} tests, {suite.failures} failures, "
          f"{suite.errors} errors, {suite.skipped} skipped")
    counted = {Failure: 0, Error: 0, Skipped: 0}
    for case in suite:
        for result in case.result:
            counted[type(result)] += 1
        print("case", json.dumps([case.classname, case.system_out]))
    assert [suite.failures, suite.errors, suite.skipped] == list(counted.values())
