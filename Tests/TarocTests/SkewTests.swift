import Events
import Glibc
import Linux
import TestSupport
import Testing

/// Hosts whose clocks are apart.
@Suite(
  .temporaryDirectory, .enabled(if: TestHost.hasSSHServer, "needs what Tests/unpacked.sh unpacks"))
struct SkewTests {
  private let taro: TaroProgram

  init() throws { taro = try TaroProgram() }

  /// A host that tells of events what the test writes.
  private final class Teller {
    let name: String
    private let pipe: Descriptor
    private var seq: Int64 = 0

    init(_ taro: TaroProgram, _ name: String) throws {
      self.name = name
      let place = "\(taro.work)/\(name)"
      let script = """
        #!/bin/sh
        case $1 in
          --protocol) echo '{"protocol":1,"version":"9"}' ;;
          listen) exec cat '\(place)/events' ;;
          *) exit 1 ;;
        esac
        """
      try taro.shell("mkdir '\(place)' && mkfifo '\(place)/events'").expect(code: 0)
      try Files.write(Array(script.utf8), to: "\(place)/taro")
      try taro.shell("chmod 755 '\(place)/taro'").expect(code: 0)
      pipe = try Descriptor.open("\(place)/events", O_RDWR)
    }

    /// Tells that a job has begun at a time of its own clock.
    func tell(_ job: String, at time: WallTime) throws {
      seq += 1
      let golden = try Files.text(Repository.path("Tests/TarocTests/Golden/listen-0.1.0.jsonl"))
      let members = try JSON(parsing: golden).members ?? []
      let event = JSON.object(
        members.map { member in
          switch member.key {
          case "seq": JSON.Member("seq", .integer(seq))
          case "at": JSON.Member("at", .string(Timestamp.rfc3339(time)))
          case "job": JSON.Member("job", .string(job))
          default: member
          }
        })
      try RawIO.writeAll(pipe.fd, event.text + "\n")
    }
  }

  @Test func `listen has the order of the times that are told, and loses nothing`() throws {
    let right = try Teller(taro, "right")
    let ahead = try Teller(taro, "ahead")
    let hosts = try SSHHosts(taro, ["right", "ahead"])
    let folder = "\(taro.root)/home/.config/taroc"
    try taro.shell("mkdir -p '\(folder)'").expect(code: 0)
    let lines = ["right", "ahead"].map { "\($0): {taro: \(taro.work)/\($0)/taro}" }
    try Files.write(
      Array("hosts: {\(lines.joined(separator: ", "))}".utf8), to: "\(folder)/hosts.yaml")
    let listener = try hosts.taroc("listen", "-f", "jsonl")
    func job() throws -> String { try JSON(parsing: listener.readLine())["job"]?.string ?? "" }
    // Both are followed when both have told something.
    try right.tell("begun", at: .now)
    try ahead.tell("begun", at: .now)
    try expect([job(), job()], is: ["begun", "begun"])
    var round = 0
    try eventually("both came within the bound") {
      round += 1
      let now = WallTime.now
      try ahead.tell("ahead-\(round)", at: now + 300_000)
      try right.tell("right-\(round)", at: now)
      let jobs = try [job(), job()]
      #expect(Set(jobs) == ["ahead-\(round)", "right-\(round)"])
      return jobs.first == "right-\(round)"
    }
    // What a host tells stays in its own order, also where its clock was set back.
    let now = WallTime.now
    try ahead.tell("first", at: now + 300_000)
    try ahead.tell("second", at: now)
    try expect([job(), job()], is: ["first", "second"])
    // One that is behind holds nobody up, and is told when it comes.
    try right.tell("now", at: now + 1_000_000)
    try expect(job(), is: "now")
    try ahead.tell("late", at: now + 700_000)
    try expect(job(), is: "late")
    listener.signal(SIGTERM)
    try listener.finish().expect(code: 0, stderr: "")
  }
}
