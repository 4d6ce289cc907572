internal import Digests
package import Events

/// A line of a spool file: JSON. The first tells whose events follow, the others are one event each.
package enum SpoolLine {
  /// The end of a line, by which the line says of itself whether it is as it was written: one changed bit of an exit
  /// code would make another line that is as good.
  private enum Check {
    private static let beginning = Array(",\"check\":\"".utf8)
    private static let end = Array("\"}".utf8)
    private static let digits = 8

    /// - Parameter bytes: the line up to its check.
    private static func text(of bytes: some Collection<UInt8>) -> [UInt8] {
      Array(Digest(of: Array(bytes)).description.utf8.prefix(digits))
    }

    static func adding(to object: String) -> String {
      let bytes = Array(object.utf8.dropLast())
      return String(decoding: bytes + beginning + text(of: bytes) + end, as: UTF8.self)
    }

    /// False where what the line says is not what was written. One without a check (0.1.0) says nothing of that.
    static func fits(_ line: some Collection<UInt8>) -> Bool {
      let tail = line.suffix(beginning.count + digits + end.count)
      guard tail.starts(with: beginning), tail.suffix(end.count).elementsEqual(end) else {
        return true
      }
      return tail.dropFirst(beginning.count).prefix(digits)
        .elementsEqual(text(of: line.prefix(line.count - tail.count)))
    }
  }

  /// The facts that a ledger needs which lacks the beginning of the instance.
  package struct Header: Equatable {
    package let job: String
    package let instance: InstanceID
    /// `created`, and `running` where it came to that.
    package let opening: [NewEvent]
    /// Up to where the instance's own events stood in a ledger when the spool began; nil where nothing says so.
    package let recorded: RecordedPosition?

    package init(
      job: String, instance: InstanceID, opening: [NewEvent], recorded: RecordedPosition? = nil
    ) {
      self.job = job
      self.instance = instance
      self.opening = opening
      self.recorded = recorded
    }

    package init(_ stream: InstanceStream) {
      self.init(
        job: stream.job, instance: stream.instance, opening: stream.opening,
        recorded: stream.recorded)
    }

    package static func == (left: Header, right: Header) -> Bool {
      left.job == right.job && left.instance == right.instance
        && left.opening.elementsEqual(right.opening) { $0.tellsTheSame(as: $1) }
    }
  }

  private static let format: Int64 = 1

  package static func text(_ header: Header) -> String {
    let object = JSON.object(
      omittingNil: [
        ("taro_spool", .integer(format)), ("job", .string(header.job)),
        ("instance", .string(header.instance.text)),
        ("ledger", header.recorded.map { .string($0.ledger) }),
        ("n", header.recorded.map { .integer($0.n) }),
        ("opening", .array(header.opening.map(json))),
      ])
    return Check.adding(to: object.text) + "\n"
  }

  package static func text(_ event: NewEvent) -> String {
    Check.adding(to: json(event).text) + "\n"
  }

  /// The data stands as text, so that it comes back byte for byte.
  private static func json(_ event: NewEvent) -> JSON {
    .object(
      omittingNil: [
        ("at", .microseconds(event.at)), ("mono", .microseconds(event.mono)),
        ("kind", .string(event.kind.name)), ("data", .string(event.data)),
        ("output", event.output.map(json)),
      ])
  }

  private static func json(_ output: EncodedOutput) -> JSON {
    .object([
      .init("codec", .integer(output.codec.rawValue)), .init("size", .integer(Int64(output.size))),
      .init("payload", .string(output.payload.description)),
      .init("runs", .string(Base64.encode(output.runs))),
      .init("bytes", .string(Base64.encode(output.data))),
    ])
  }

  /// Reads a first line; nil when it is none.
  package static func header(_ line: some Collection<UInt8>) -> Header? {
    guard let json = parse(line), json["taro_spool"]?.integer == format,
      let job = json["job"]?.string, let instance = json["instance"]?.string,
      let instance = InstanceID(instance)
    else { return nil }
    let opening = (json["opening"]?.array ?? []).compactMap { event($0, job, instance) }
    return Header(
      job: job, instance: instance, opening: opening, recorded: RecordedPosition(json))
  }

  /// Reads a line; nil when it is damaged, or tells of what belongs to no instance. Whether the output is what was spooled is not
  /// looked at.
  package static func event(_ line: some Collection<UInt8>, of header: Header) -> NewEvent? {
    parse(line).flatMap { event($0, header.job, header.instance) }
  }

  private static func parse(_ line: some Collection<UInt8>) -> JSON? {
    guard Check.fits(line) else { return nil }
    return try? JSON(parsing: String(decoding: line, as: UTF8.self))
  }

  private static func event(_ json: JSON, _ job: String, _ instance: InstanceID) -> NewEvent? {
    guard let at = json["at"]?.wallTime, let mono = json["mono"]?.bootTime,
      let kind = (json["kind"]?.string).map({ EventKind(name: $0) }), !kind.isOfHost,
      let data = json["data"]?.string, (try? JSON(parsing: data))?.members != nil
    else { return nil }
    var event = NewEvent(
      at: at, mono: mono, job: job, instance: instance, kind: kind, data: .object([]))
    event.data = data
    if event.kind == .output {
      guard let output = json["output"].flatMap(output) else { return nil }
      event.output = output
    }
    return event
  }

  private static func output(_ json: JSON) -> EncodedOutput? {
    guard let number = json["codec"]?.integer, let codec = EncodedOutput.Codec(rawValue: number),
      let size = json["size"]?.integer,
      let payload = json["payload"]?.string.flatMap({ Digest(hexadecimal: $0) }),
      let runs = json["runs"]?.string.flatMap({ Base64.decode($0) }),
      let data = json["bytes"]?.string.flatMap({ Base64.decode($0) })
    else { return nil }
    return EncodedOutput(
      StoredChunk(codec: number, size: size, runs: runs, data: data), codec: codec, payload: payload
    )
  }
}
