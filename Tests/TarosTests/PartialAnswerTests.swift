import Events
import TestSupport
import Testing

/// Parts of answers: some fields of instances, a piece of an output, where in an output what is.
@Suite(.temporaryDirectory) struct PartialAnswerTests {
  @Test func `of each instance the fields alone that were asked for`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "--param", "x=1", "true").expect(code: 0)
    try taro.run("exec", "--id", "a", "false").expect(code: 1)
    let server = try TarosProgram(taro)
    for target in [
      "/instances?include=all&fields=state,job", "/jobs/a/instances?fields=job%2Cstate",
    ] {
      let list = try server.get(target).expect(200).json()["_embedded"]
      let instances = try #require(list?["instances"]?.array)
      #expect(
        instances.map(\.text) == [
          #"{"job":"a","state":"FAILED"}"#, #"{"job":"a","state":"COMPLETED"}"#,
        ], "\(target)")
      #expect(list?["jobs"]?.array?.count == 1)
    }
    // Whatever was asked for before, the whole is whole.
    let whole = try server.get("/instances?include=all").expect(200).json()["_embedded"]
    let first = try #require(whole?["instances"]?.array).at(0)
    let names = (first.members ?? []).map(\.key)
    #expect(names.contains("usage") && names.contains("_links") && names.contains("lifecycle"))
    // And each of its fields may be named.
    let all = try server.get(
      "/instances?include=all&limit=1&fields=\(names.joined(separator: ","))")
    let again = try #require(all.expect(200).json()["_embedded"]?["instances"]?.array).at(0)
    #expect(again == first)
    for fields in ["", "job,", "jobs", "job,,state", "Job"] {
      let answer = try server.get("/instances?fields=\(fields)").expectProblem(400, about: "fields")
      expect(try answer.json()["parameter"], is: "fields")
    }
  }

  @Test func `an output between two offsets, as it is and in pieces`() throws {
    let taro = try TaroProgram()
    try taro.run(
      "exec", "--id", "a", "sh", "-c", "echo one; sleep 0.02; echo two >&2; sleep 0.02; echo three"
    ).expect(code: 0)
    let all = try taro.run("output", "a").stdout
    let server = try TarosProgram(taro)
    for (from, to) in [(0, 3), (2, 9), (5, all.count), (0, 9999), (3, 3), (5, 2), (9999, 99999)] {
      let target = "/instances/a/output?from=\(from)&to=\(to)"
      let wanted = Array(all.dropFirst(from).prefix(max(0, to - from)))
      let answer = try server.get(target, ["Range": "bytes=0-0"]).expect(200)
      #expect(answer.body == wanted, "\(target)")
      #expect(answer["content-length"] == "\(wanted.count)")
      let lines = try server.get(target, ["Accept": "application/x-ndjson"]).expect(200)
      #expect(lines["content-type"] == "application/x-ndjson")
      let pieces = try lines.text.split(separator: "\n").map { try JSON(parsing: String($0)) }
      #expect(
        pieces.compactMap { $0["text"]?.string }.joined() == String(decoding: wanted, as: UTF8.self)
      )
      #expect(pieces.first.map { $0["offset"]?.integer == Int64(from) } ?? true, "\(target)")
    }
    let pieces = try server.get("/instances/a/output", ["Accept": "application/x-ndjson"]).text
      .split(separator: "\n").map { try JSON(parsing: String($0)) }
    #expect(pieces.map { $0["stream"]?.string } == ["stdout", "stderr", "stdout"])
    let errors = try server.get(
      "/instances/a/output?stream=stderr&from=1", ["Accept": "application/x-ndjson"])
    #expect(try JSON(parsing: errors.text)["text"] == "wo\n")
    try server.get("/instances/a/output?from=-1").expectProblem(400, about: "from")
    try server.get("/instances/a/output?to=x").expectProblem(400, about: "to")
  }

  @Test func `the index of an output says where in it what is`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "sh", "-c", "seq 1 300000; echo bad >&2") {
      $0.stdout = .file("/dev/null")
    }.expect(code: 0)
    try taro.run("exec", "--id", "none", "true").expect(code: 0)
    try taro.run("exec", "-b", "--id", "bare", "true").expect(code: 0)
    let all = try taro.run("output", "a").stdout
    let server = try TarosProgram(taro)
    for step in [1, 300_000, 1 << 40] {
      let index = try server.get("/instances/a/output/index?step=\(step)").expect(200).json()
      let parts = try #require(index["parts"]?.array)
      var (offset, lines, errors): (Int64, Int64, Int64) = (0, 0, 0)
      for part in parts {
        #expect(part["offset"]?.integer == offset)
        let bytes = try #require(part["bytes"]?.integer)
        let piece = all.dropFirst(Int(offset)).prefix(Int(bytes))
        #expect(part["lines"]?.integer == Int64(piece.count { $0 == 10 }))
        offset += bytes
        lines += part["lines"]?.integer ?? 0
        errors += part["stderr_bytes"]?.integer ?? 0
      }
      #expect(offset == all.count && index["bytes"]?.integer == offset, "\(step)")
      #expect(lines == 300_001 && errors == 4)
      #expect(step == 1 ? parts.count > 5 : step > 1 << 30 ? parts.count == 1 : parts.count > 2)
    }
    expect(
      try server.get("/instances/none/output/index").expect(200).json()["parts"], is: .array([]))
    try server.get("/instances/bare/output/index").expectProblem(404, about: "not captured")
    try server.get("/instances/a/output/index?step=0").expectProblem(400, about: "step")
  }

  @Test func `who asks is told who he is and what he may`() throws {
    let taro = try TaroProgram()
    try taro.run("exec", "--id", "a", "true").expect(code: 0)
    let token = try TarosProgram.token(taro, "ops", "read", "--jobs", "a*")
    let server = try TarosProgram(taro)
    let own = try server.get("/session").expect(200).json()
    #expect(own["scope"] == "control" && own["token"] == .null && own["user"]?.string != nil)
    let other = try server.get("/session", TarosProgram.bearer(token)).expect(200).json()
    #expect(other["scope"] == "read" && other["token"] == "ops" && other["user"] == .null)
    #expect(other["jobs"] == .strings(["a*"]) && other["has_session"] == .bool(false))
  }
}
