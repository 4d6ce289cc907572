import Events
import Linux
import TestSupport
import Testing

/// Latches and what is disabled, changed over HTTP.
@Suite(.temporaryDirectory) struct HostRequestTests {
  private let taro: TaroProgram
  private let server: TarosProgram

  init() throws {
    taro = try TaroProgram()
    server = try TarosProgram(taro)
  }

  @Test func `a release lets those go on who wait, and tells who they are`() throws {
    let first = try taro.startWaiting("a", for: "go ahead")
    let second = try taro.startWaiting("b", for: "go ahead")
    let path = try server.get("/latches").expect(200).json()["_embedded"]?["latches"]?.array?
      .first?["_links"]?["release"]?["href"]?.string
    let answer = try server.post(try #require(path), body: #"{"reason":"mounted"}"#).expect(202)
    for process in [first, second] { try process.finish().expect(code: 0) }
    let released = try answer.json()["released"]?.array?.compactMap(\.string) ?? []
    #expect(released.map { String($0.prefix(2)) } == ["a@", "b@"])
    let seq = try #require(answer.json()["seq"]?.seq)
    let event = try #require(try taro.events().first { $0.seq == seq })
    let data = Released(event.json)
    #expect(data.latch == "go ahead" && !data.holdsOpen && data.by.reason == "mounted")
    #expect(data.by.via == .rest && data.released == nil)
    #expect(try answer.json()["_links"]?["latches"]?["href"] == "/latches")
  }

  @Test func `a latch is held open until a release without that, also where nobody waits`() throws {
    for held in ["?hold_open", ""] {
      let body = held.isEmpty ? #"{"hold_open":true}"# : nil
      let answer = try server.post("/latches/l/release\(held)", body: body).expect(202)
      #expect(try answer.json()["released"] == .array([]))
      try taro.run("exec", "--id", "a", "--pending", "l", "true").expect(code: 0)
    }
    try server.post("/latches/l/release").expect(202)
    let waiting = try taro.startWaiting("a", for: "l")
    try server.post("/latches/l/release").expect(202)
    try waiting.finish().expect(code: 0)
    for (target, body) in [("?hold_open=maybe", nil), ("", #"{"hold_open":1}"#), ("?wait=1s", nil)]
      as [(String, String?)]
    {
      try server.post("/latches/l/release\(target)", body: body).expectProblem(400)
    }
    let long = String(repeating: "x", count: 1025)
    try server.post("/latches/\(long)/release").expectProblem(400, about: "name")
  }

  @Test func `what is disabled is not run, until it is taken back`() throws {
    let body = #"{"until":"2h","reason":"the tape is full"}"#
    let answer = try server.put("/disabled/back%2A", body: body).expect(202)
    #expect(try answer.json()["_links"]?["disabled"]?["href"] == "/disabled/back%2A")
    try taro.run("exec", "--id", "backup", "false").expect(code: 0)
    try expect(taro.ending(ofJob: "backup")?.state, is: .disabled)
    let one = try server.get("/disabled/back%2A").expect(200).json()
    #expect(one["reason"] == "the tape is full" && one["via"] == "rest")
    #expect(one["address"] == "127.0.0.1" && one["until"]?.string != nil)
    let command = try JSON(parsing: try taro.run("config", "list-disabled", "-f", "json").text)
    let own = JSON.object((one.members ?? []).filter { $0.key != "_links" })
    #expect(command["disabled"]?.array == [own])
    let back = try server.delete("/disabled/back%2A").expect(202)
    #expect(try back.json()["_links"]?["disabled"]?["href"] == "/disabled")
    try server.get("/disabled/back%2A").expectProblem(404, about: "back*")
    try server.delete("/disabled/back%2A").expectProblem(404, about: "back*")
    try taro.run("exec", "--id", "backup", "false").expect(code: 1)
  }

  @Test func `just so is 200 and the event that told it, another is another`() throws {
    let first = try server.put("/disabled/a", body: #"{"until":null}"#).expect(202).json()["seq"]
    expect(try server.put("/disabled/a").expect(200).json()["seq"], is: first)
    expect(
      try server.put("/disabled/a", body: #"{"reason":"x"}"#).expect(202).json()["seq"],
      is: .integer(2))
    let until = "2100-01-01T00:00:00Z"
    let other = #"{"until":"\#(until)","reason":"x"}"#
    try server.put("/disabled/a", body: other).expect(202)
    try server.put("/disabled/a", body: other).expect(200)
    #expect(try server.get("/disabled/a").json()["until"] == "2100-01-01T00:00:00.000000Z")
    for (body, word) in [
      (#"{"until":"2001-01-01T00:00:00Z"}"#, "past"), (#"{"until":1}"#, "until"),
      (#"{"until":"whenever"}"#, "whenever"), (#"{"util":"2h"}"#, "util"),
    ] {
      try server.put("/disabled/a", body: body).expectProblem(400, about: word)
    }
    try server.put("/disabled/\(String(repeating: "x", count: 1025))").expectProblem(400)
    #expect(try taro.events().count == 3)
  }
}
