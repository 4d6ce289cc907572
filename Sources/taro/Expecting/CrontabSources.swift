internal import CommandLineKit
internal import Events
internal import Glibc
internal import Linux
internal import Schedules

/// The crontabs of a host, as they are named to `taro expect --from-crontab`.
struct CrontabSources {
  private(set) var found = FoundExpectations()
  private let user = Users.name(of: getuid())
  private let words: ExpectedWords

  /// - Parameters:
  ///   - names: files, and users; none: the caller's own, and for root those of the system.
  ///   - hasUsers: the files have a user before each command; those of the system have in any case.
  ///   - ledger: the directory of the one that is to expect it.
  init(_ names: [String], hasUsers: Bool, ledger: String) throws {
    words = ExpectedWords(ledger: ledger)
    for name in names {
      if name.contains("/") || Self.isFile(name) {
        try readFile(name, hasUsers: hasUsers || Self.isOfSystem(name))
      } else {
        try readTable(of: name, mayBeMissing: false)
      }
    }
    guard names.isEmpty else { return }
    try readTable(of: nil, mayBeMissing: true)
    guard getuid() == 0 else { return }
    if Self.isFile(Self.systemFile) { try readFile(Self.systemFile, hasUsers: true) }
    // cron reads no others in there.
    for name in DirectoryListing.names(in: Self.systemDirectory)
    where name.utf8.allSatisfy({ Self.isPlain($0) }) {
      try readFile("\(Self.systemDirectory)/\(name)", hasUsers: true)
    }
  }

  private static let systemFile = "/etc/crontab"
  private static let systemDirectory = "/etc/cron.d"

  private static func isFile(_ path: String) -> Bool {
    (try? Descriptor.open(path, O_RDONLY)) != nil
  }

  private static func isOfSystem(_ path: String) -> Bool {
    path == systemFile || path.hasPrefix(systemDirectory + "/")
  }

  /// Letters, digits, underscores and hyphens (cron(8)).
  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "_"), UInt8(ascii: "-"): true
    default: false
    }
  }

  private mutating func readFile(_ path: String, hasUsers: Bool) throws {
    let bytes: [UInt8]
    do throws(SystemCallError) {
      let file = try Descriptor.open(path, O_RDONLY)
      bytes = try RawIO.readAll(file.fd, limit: 4 << 20)
    } catch { throw Failure("\(path) cannot be read: \(error.errno.message)") }
    read(String(decoding: bytes, as: UTF8.self), path, hasUsers: hasUsers)
  }

  /// Asks crontab(1), which may read what is kept from others.
  private mutating func readTable(of name: String?, mayBeMissing: Bool) throws {
    let words = ["crontab", "-l"] + (name.map { ["-u", $0] } ?? [])
    guard let answer = try SystemCommand.answer(words) else {
      if mayBeMissing { return }
      throw Failure(
        "\(name ?? user) is no file, and there is no crontab(1) to ask for a user's; name a file")
    }
    guard answer.code == 0 else {
      if mayBeMissing || answer.errors.contains("no crontab for") { return }
      let reason =
        answer.errors.split(separator: "\n").first.map(String.init) ?? "exit code \(answer.code)"
      throw Failure("crontab -l of \(name ?? user): \(reason)")
    }
    read(answer.output, "crontab of \(name ?? user)", hasUsers: false, owner: name)
  }

  private mutating func read(
    _ text: String, _ place: String, hasUsers: Bool, owner: String? = nil
  ) {
    let crontab = Crontab(text, hasUsers: hasUsers)
    for problem in crontab.problems {
      found.leaveOut("\(place), line \(problem.number)", problem.error.description)
    }
    for line in crontab.lines {
      let source = "\(place), line \(line.number)"
      let job = words.job(inLine: line.command, line.variables)
      if job != nil, let other = line.user ?? owner, other != user {
        found.leaveOut(source, "it runs as \(other), who has another ledger; ask as that user")
        continue
      }
      var expectation = JobExpectation(.times(cron: [line.schedule.text], calendar: []))
      expectation.zone = line.zone
      found.add(job, source, expectation)
    }
  }
}
