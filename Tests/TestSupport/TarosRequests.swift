internal import Events

/// What tests ask of instances over HTTP.
extension TarosProgram {
  /// - Parameter body: JSON.
  package func post(
    _ target: String, _ fields: [String: String] = [:], body: String? = nil
  ) throws -> HTTPAnswer {
    try ask("POST", target, Self.fields(fields, body), body: body)
  }

  package func put(
    _ target: String, _ fields: [String: String] = [:], body: String? = nil
  ) throws -> HTTPAnswer {
    try ask("PUT", target, Self.fields(fields, body), body: body)
  }

  package func delete(_ target: String, _ fields: [String: String] = [:]) throws -> HTTPAnswer {
    try ask("DELETE", target, fields)
  }

  private static func fields(_ fields: [String: String], _ body: String?) -> [String: String] {
    body == nil ? fields : fields.merging(["Content-Type": "application/json"]) { $1 }
  }

  package static func bearer(_ token: String) -> [String: String] {
    ["Authorization": "Bearer \(token)"]
  }
}

extension TaroProgram {
  /// Starts a job that runs until it is ended, and waits until it does, and is known to.
  /// - Parameters:
  ///   - script: what it does when it is ready.
  ///   - trap: what it does with signals, before it is.
  package func startJob(
    _ id: String, _ script: String = "exec sleep 300", _ options: [String] = [], trap: String = ":",
    change: (inout Setup) -> Void = { _ in }
  ) throws -> TaroProcess {
    let words = ["exec", "--id", id] + options + ["sh", "-c", "\(trap); echo ready; \(script)"]
    let process = try start(bytes: words.map { Array($0.utf8) }, change: change)
    while try process.readLine() != "ready" {}
    var instance: InstanceID?
    _ = try waitForEvent("\(id) is said to run") { event in
      if event.kind == .state(.created), Created(event.json).runnerPID == Int64(process.pid) {
        instance = event.instance
      }
      return instance != nil && event.instance == instance && event.kind == .state(.running)
    }
    return process
  }

  /// Starts one that waits for a latch.
  package func startWaiting(_ id: String, for latch: String) throws -> TaroProcess {
    let process = try start("exec", "--id", id, "--pending", latch, "true")
    try eventually("\(id) waits") {
      try run("ps", "-f", "jsonl").lines.contains {
        let document = try? JSON(parsing: $0)
        return document?["job"]?.string == id && document?["state"] == "PENDING"
      }
    }
    return process
  }
}
