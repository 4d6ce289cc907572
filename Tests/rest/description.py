"""Compares schema/openapi.json with itself and with docs/json.md and docs/rest.md. Asks no server.

    python description.py

It is OpenAPI 3.1; each answer and each parameter has an example that fits; each document has the fields of docs/json.md, of
the same types, and the same example; docs/rest.md names each resource, parameter, problem and metric, and no other.
Ends with 0 when nothing is wrong.
"""

import json
import pathlib
import re
import sys

from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import validate

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SPECIFICATION = json.loads((ROOT / "schema/openapi.json").read_text())
DOCUMENTS = (ROOT / "docs/json.md").read_text()
PAGE = (ROOT / "docs/rest.md").read_text()

# The sections of docs/json.md, by schema.
SCHEMAS = {
    "InstanceDocument": "The instance document",
    "Event": "The event document",
    "HostDocument": "The host document",
    "HitDocument": "The hit document",
    "HitCountDocument": "The hit count document",
    "ComparisonDocument": "The comparison document",
    "TimelineDocument": "The timeline document",
    "StatisticsDocument": "The statistics document",
    "DisabledDocument": "The disabled document",
    "ExpectationDocument": "The expectation document",
    "CheckDocument": "The check document",
}
# Where the example of each is. The host document has none there.
EXAMPLES = {
    "InstanceDocument": ("/instances/{id}", "get", "200"),
    "ComparisonDocument": ("/instances/{id}/diff/{other}", "get", "200"),
    "StatisticsDocument": ("/jobs/{job}/stats", "get", "200"),
    "DisabledDocument": ("/disabled/{pattern}", "get", "200"),
    "CheckDocument": ("/check", "get", "200"),
}

faults = []


def expect(is_right, what):
    if not is_right:
        faults.append(what)


def resolved(node):
    while "$ref" in node:
        place = node["$ref"]
        node = SPECIFICATION
        for part in place.removeprefix("#/").split("/"):
            node = node[part]
    return node


def fits(value, schema, where):
    validator = Draft202012Validator(
        {**schema, "components": SPECIFICATION["components"]}, format_checker=FormatChecker())
    for error in validator.iter_errors(value):
        expect(False, f"{where}: {error.json_path}: {error.message[:200]}")


def section(title):
    return re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", DOCUMENTS, re.S | re.M).group(1)


def rows(title):
    for line in section(title).splitlines():
        row = re.match(r"\| `([^`]+)` \| ([a-z ]+) \| (.*?) \| ", line)
        if row:
            yield row.groups()


def type_of(schema):
    """The word of docs/json.md for it, and whether it may be null."""
    if "anyOf" in schema:
        inner, null = schema["anyOf"]
        return type_of(inner)[0], null == {"type": "null"}
    if "$ref" in schema:
        return schema["$ref"].rsplit("/", 1)[1].lower(), False
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    word = types[0]
    if word == "array":
        word = f"array of {schema['items'].get('type', 'object')}"
    return word, "null" in types


def fields(schema, prefix=""):
    """Name, type and whether it may be null, of all that are in it."""
    for name, inner in schema.get("properties", {}).items():
        word, is_null = type_of(inner)
        yield prefix + name, word, is_null
        if word == "object":
            yield from fields(inner, f"{prefix}{name}.")
        elif word == "array of object":
            yield from fields(inner["items"], f"{prefix}{name}[].")
    expect(
        set(schema.get("required", [])) == set(schema.get("properties", {})),
        f"{prefix or 'a document'}: not all of its fields are required")


def compare_documents():
    for name, title in SCHEMAS.items():
        told = {field: (word, null != "never") for field, word, null in rows(title)}
        said = {field: (word, null) for field, word, null in fields(SPECIFICATION["components"]["schemas"][name])}
        for field in sorted(told.keys() | said.keys()):
            expect(
                told.get(field) == said.get(field),
                f"{name}.{field}: docs/json.md has {told.get(field)}, the schema {said.get(field)}")
    for name, (path, method, status) in EXAMPLES.items():
        example = re.search(r"```json\n(.*?)```", section(SCHEMAS[name]), re.S).group(1)
        answer = SPECIFICATION["paths"][path][method]["responses"][status]
        [content] = answer["content"].values()
        for field, value in json.loads(example).items():
            expect(content["example"].get(field) == value, f"{path}: the example's {field} is not that of docs/json.md")


def compare_words():
    """Words that a parameter takes are all that there are."""
    parameters = SPECIFICATION["components"]["parameters"]
    states = {
        state for group in re.findall(r"^\| `[a-z_]+` \| (`[A-Z_]+`.*) \|$", section("Groups"), re.M)
        for state in re.findall("[A-Z_]+", group)}
    found = set(parameters["State"]["schema"]["items"]["enum"])
    expect(found == states | {state.lower() for state in states}, f"state: {sorted(found)}")
    events = (ROOT / "schema/events.jsonl").read_text().splitlines()
    kinds, found = {json.loads(event)["kind"] for event in events}, set(parameters["Kind"]["schema"]["items"]["enum"])
    expect(found == kinds, f"kind: {sorted(found ^ kinds)}")


def operations():
    for path, item in SPECIFICATION["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def check_examples():
    for path, method, operation in operations():
        where = f"{method.upper()} {path}"
        for parameter in map(resolved, operation.get("parameters", [])):
            schema = parameter["schema"]
            has_value = "example" in parameter or "default" in schema or "enum" in schema
            expect(has_value, f"{where}: {parameter['name']} has no example")
            if "example" in parameter:
                fits(parameter["example"], schema, f"{where}: {parameter['name']}")
        for content in operation.get("requestBody", {}).get("content", {}).values():
            fits(content["example"], content["schema"], f"{where}: body")
        names = set(re.findall(r"\{([^}]+)\}", path))
        found = {p["name"] for p in map(resolved, operation.get("parameters", [])) if p["in"] == "path"}
        expect(names == found, f"{where}: its path has {names}, its parameters {found}")
        for status, answer in operation["responses"].items():
            check_answer(f"{where}: {status}", status, resolved(answer))


def check_answer(where, status, answer):
    expect(status == "204" or "content" in answer, f"{where}: there is no content")
    for kind, content in answer.get("content", {}).items():
        examples = [content["example"]] if "example" in content else [
            example["value"] for example in content.get("examples", {}).values()]
        expect(examples, f"{where}: {kind} has no example")
        expect((int(status) >= 400) == (kind == "application/problem+json"), f"{where}: {kind}")
        for example in examples:
            fits(example, content["schema"], where)
            if int(status) >= 400:
                expect(example["status"] == int(status), f"{where}: the example says {example['status']}")
    for name, header in answer.get("headers", {}).items():
        value = header.get("example")
        expect(value is not None, f"{where}: {name} has no example")
        if value is not None:
            fits(value, header["schema"], f"{where}: {name}")


def problems():
    for response in list(SPECIFICATION["components"]["responses"].values()) + [
            resolved(answer) for _, _, operation in operations() for answer in operation["responses"].values()]:
        content = response.get("content", {}).get("application/problem+json", {})
        for example in [content.get("example")] + [e["value"] for e in content.get("examples", {}).values()]:
            if example:
                yield example["type"].removeprefix("/problems/"), example["status"]


def table(title, text=PAGE):
    part = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.S | re.M)
    expect(part, f"docs/rest.md has no section {title}")
    return [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in (part.group(1) if part else "").splitlines() if line.startswith("| `")]


def same(what, page, specification):
    for missing in sorted(map(str, specification - page)):
        expect(False, f"docs/rest.md: {what} {missing} is missing")
    for extra in sorted(map(str, page - specification)):
        expect(False, f"docs/rest.md: {what} {extra} is not in schema/openapi.json")


def compare_page():
    page = {
        (method, path) for [cell, *_] in table("Resources")
        for methods, path in re.findall(r"`([A-Z, ]+) ([^`]+)`", cell) for method in methods.split(", ")}
    same("resource", page, {(method.upper(), path) for path, method, _ in operations()})
    page = {
        name for title in ("Parameters of lists", "Parameters of events", "Parameters of output",
                      "Parameters of searching", "Parameters of requests")
        for [cell, *_] in table(title) for name in re.findall(r"`([^`]+)`", cell)}
    used = {
        parameter["name"] for _, _, operation in operations()
        for parameter in map(resolved, operation.get("parameters", [])) if parameter["in"] != "path"}
    same("parameter", page, used)
    page = {(cell.strip("`"), int(status)) for [cell, status, *_] in table("Errors")}
    # A mistake of the server is no answer that is described; nor is a method that there is not.
    same("problem", page - {("mistake", 500)}, set(problems()))
    families = dict(re.findall(r'^    "(taros?_[a-z_]+)": \("([a-z]+)"', (ROOT / "Tests/rest/metrics.py").read_text(), re.M))
    page = {
        (re.sub(r"_total$", "", re.match("`([a-z_]+)", cell).group(1)), kind)
        for [cell, kind, *_] in table("Metrics")}
    same("metric", page, set(families.items()))


validate(SPECIFICATION)
compare_documents()
compare_words()
check_examples()
compare_page()
for fault in faults:
    print(f"openapi.json: {fault}")
print(f"openapi.json: {len(faults)} faults" if faults else
      f"openapi.json: nothing found, {len(list(operations()))} operations")
sys.exit(1 if faults else 0)
