"""The peer of the benchmark: a history as the original taro had it, served as the original taros did.

    python original.py PORT DATABASE INSTANCES

SQLite's table history, and bottle on wsgiref: one thread, a connection a request. Prints "ready" when it listens.
"""

import datetime
import json
import sqlite3
import sys
import wsgiref.simple_server

import bottle

PORT, DATABASE, INSTANCES = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
COLUMNS = "job_id, instance_id, created, finished, state_changed, result, warnings, error, user_params, parameters"


def make():
    connection = sqlite3.connect(DATABASE)
    connection.execute(f"CREATE TABLE history ({COLUMNS.replace('created', 'created timestamp').replace('finished', 'finished timestamp')})")
    for column in ("job_id", "instance_id", "finished"):
        connection.execute(f"CREATE INDEX {column}_index ON history ({column})")
    start = 1795392392
    connection.executemany(f"INSERT INTO history ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (
        (f"job-{i % 200}", f"{i:021x}", stamp(start + i), stamp(start + i + 3),
         json.dumps([["CREATED", start + i], ["RUNNING", start + i], ["COMPLETED", start + i + 3]]), "done", "{}", None,
         "{}", '[["execution", "program"]]') for i in range(INSTANCES)))
    connection.commit()
    connection.close()


def stamp(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).isoformat(" ")


def instance(row):
    job, id_, created, finished, states, result, warnings, error, params, parameters = row
    changes = [
        {"state": state, "changed": datetime.datetime.fromtimestamp(at, datetime.timezone.utc).isoformat()}
        for state, at in json.loads(states)]
    started, ended = datetime.datetime.fromisoformat(created), datetime.datetime.fromisoformat(finished)
    return {
        "_links": {"self": f"/instances/{id_}", "jobs": f"/jobs/{job}"},
        "id": {"job_id": job, "instance_id": id_},
        "lifecycle": {
            "state_changes": changes, "state": changes[-1]["state"], "created": created,
            "last_changed": changes[-1]["changed"], "execution_started": started.isoformat(),
            "execution_finished": ended.isoformat(), "execution_time": (ended - started).total_seconds()},
        "status": result, "warnings": json.loads(warnings), "exec_error": error,
        "parameters": json.loads(parameters), "user_params": json.loads(params)}


def read(where="", values=()):
    connection = sqlite3.connect(DATABASE)
    try:
        return [instance(row) for row in connection.execute(f"SELECT {COLUMNS} FROM history {where}", values)]
    finally:
        connection.close()


def answer(document):
    bottle.response.content_type = "application/hal+json"
    return json.dumps(document, indent=2)


@bottle.route("/instances")
def instances():
    limit = int(bottle.request.query.limit or -1)
    found = read("ORDER BY created DESC LIMIT ?", (limit,))
    jobs = [{"_links": {"self": f"/jobs/{job}"}, "properties": {}} for job in {one["id"]["job_id"] for one in found}]
    return answer({"_links": {"self": "/instances", "jobs": "/jobs"}, "_embedded": {"instances": found, "jobs": jobs}})


@bottle.route("/instances/<id_>")
def one(id_):
    found = read("WHERE instance_id = ?", (id_,))
    return answer(found[0]) if found else bottle.abort(404)


class Quiet(wsgiref.simple_server.WSGIRequestHandler):
    def log_message(self, *_):
        pass


make()
server = wsgiref.simple_server.make_server("127.0.0.1", PORT, bottle.default_app(), handler_class=Quiet)
print("ready", flush=True)
server.serve_forever()
