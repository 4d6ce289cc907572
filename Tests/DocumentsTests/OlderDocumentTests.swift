import Events
import TestSupport
import Testing

@testable import Documents

/// Answers of versions that knew less than this one.
@Suite struct `A document of 0.1.0` {
  /// As `taro hist -f jsonl` of 0.1.0 gives it.
  private let ended = #"""
    {"job":"backup","instance":"06h0d1qcrty15cmk","state":"FAILED","group":"failure","reason":null,"command":["./backup.sh","--full"],"cwd":"/home/ann","user":"ann","host":"vault","runner_pid":25215,"pid":25216,"created_at":"2026-11-23T03:50:35.462275Z","started_at":"2026-11-23T03:50:35.474181Z","ended_at":"2026-11-23T03:50:38.724529Z","run_seconds":3.250348,"exit_code":3,"signal":null,"status":"the tape is full","progress":{"done":25,"total":100,"percent":25.0},"warnings":[{"type":"output","text":"full","count":2,"last":"the tape is full","unmatched_bytes":0}],"params":{"tape":"4"},"usage":{"user_seconds":1.1194,"system_seconds":0.25,"max_rss_bytes":19345408},"output":{"bytes":48,"stdout_bytes":28,"stderr_bytes":20,"lines":3,"dropped_bytes":0,"removed_at":null},"transitions":[{"state":"CREATED","at":"2026-11-23T03:50:35.462275Z","seq":1},{"state":"FAILED","at":"2026-11-23T03:50:38.724529Z","seq":5}]}
    """#

  @Test func `is read, with what it lacks as it was then`() throws {
    let document = try InstanceDocument(JSON(parsing: ended))
    #expect(document.job == "backup")
    #expect(!document.isStillRunning)
    #expect(document.requests.isEmpty)
    #expect(document.launch == InstanceDocument.Launch())
    #expect(document.usage?.userMicroseconds == 1_119_400)
    #expect(document.output?.totals.lines == 3)
    #expect(document.version == "")
    // Written again it has every field of today.
    try expect(InstanceDocument(document.json), is: document)
  }

  @Test func `that lacks what every version has is refused`() throws {
    let json = try JSON(parsing: ended)
    for key in ["job", "state", "command", "created_at", "transitions"] {
      let without = JSON.object((json.members ?? []).filter { $0.key != key })
      #expect(throws: DocumentError.self) { try InstanceDocument(without) }
    }
  }
}
