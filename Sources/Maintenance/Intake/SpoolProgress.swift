internal import Digests
internal import Events
internal import Glibc
internal import Ledger
internal import Linux

/// Notes how far an intake has come in a spool when its time was over, beside it in `<instance>.taken`. It saves the next one
/// the reading: without it, or where it is of another file or ledger, what was appended is known again by its content.
struct SpoolProgress: Equatable {
  /// Up to here the file was read.
  let position: Int64
  /// Up to here its events stand in the ledger.
  let appended: RecordedPosition
  /// The reason why lines were left out on the way.
  let refusal: SpoolIntake.Refusal.Cause?

  static func name(of spool: String) -> String { spool + ".taken" }

  private static func identity(_ file: Int32) -> String {
    var info = stat()
    return fstat(file, &info) == 0 ? "\(info.st_dev):\(info.st_ino)" : ""
  }

  /// The digest of all that it says: a bit that has changed would have lines passed over that nobody has read.
  private static func check(_ members: some Sequence<JSON.Member>) -> String {
    Digest(of: Array(JSON.object(Array(members)).text.utf8)).description
  }

  /// Tells whether a line of the spool ends there.
  private static func isBehindLine(_ position: Int64, of file: Int32) -> Bool {
    guard position > 0 else { return false }
    return (try? RawIO.read(file, 1, at: position - 1)) == [0x0a]
  }

  init(position: Int64, appended: RecordedPosition, refusal: SpoolIntake.Refusal.Cause?) {
    (self.position, self.appended, self.refusal) = (position, appended, refusal)
  }

  /// Reads it; nil where there is none that counts.
  init?(of spool: String, _ file: Int32, in folder: borrowing Folder, ledger: String) {
    guard
      let descriptor = try? folder.open(Self.name(of: spool), O_RDONLY | O_NONBLOCK),
      let bytes = try? RawIO.readAll(descriptor.fd, limit: 4096),
      let json = try? JSON(parsing: String(decoding: bytes, as: UTF8.self)),
      let members = json.members, json["check"]?.string == Self.check(members.dropLast()),
      json["file"]?.string == Self.identity(file), let position = json["position"]?.integer,
      Self.isBehindLine(position, of: file), let appended = RecordedPosition(json),
      appended.ledger == ledger
    else { return nil }
    self.init(
      position: position, appended: appended,
      refusal: json["refusal"]?.string.flatMap(SpoolIntake.Refusal.Cause.init))
  }

  /// Saves the progress, under the spool's lock. Where it cannot be written, the next intake reads again.
  func save(of spool: String, _ file: Int32, in folder: borrowing Folder) {
    let json = JSON.object(
      omittingNil: [
        ("file", .string(Self.identity(file))), ("position", .integer(position)),
        ("ledger", .string(appended.ledger)), ("n", .integer(appended.n)),
        ("refusal", refusal.map { .string($0.rawValue) }),
      ])
    let members = json.members ?? []
    let checked = JSON.object(members + [JSON.Member("check", .string(Self.check(members)))])
    folder.remove(Self.name(of: spool))
    guard
      let descriptor = try? folder.open(
        Self.name(of: spool), O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
    else { return }
    try? RawIO.writeAll(descriptor.fd, checked.text + "\n")
  }

  /// Before the spool goes: another file of that name has nothing to do with it.
  static func remove(of spool: String, in folder: borrowing Folder) {
    folder.remove(name(of: spool))
  }
}
