internal import Events
import Ledger
import Linux
import Matching
import Projections

@testable import Settings

extension Fuzz {
  /// An output chunk as it stands in the ledger: one byte for the codec, two for the size, one for the length of the
  /// runs, the runs, the data.
  @Sendable static func chunk(_ bytes: [UInt8]) {
    guard bytes.count >= 4 else { return }
    let runs = Array(bytes[4...].prefix(Int(bytes[3])))
    let size = Int64(bytes[1]) << 8 | Int64(bytes[2])
    let decoded = bytes[(4 + runs.count)...].withUnsafeBytes {
      OutputChunk(codec: Int64(bytes[0] % 4), size: size, runs: runs, data: $0)
    }
    if let decoded {
      precondition(decoded.bytes.count == Int(size))
      let streams = OutputStream.allCases.map { decoded.bytes(of: $0).count }
      precondition(streams.reduce(0, +) == decoded.bytes.count, "no byte is lost between streams")
      again(decoded)
    }
    if let runs = SegmentCodec.decode(runs, total: Int(size)) {
      precondition(SegmentCodec.decode(SegmentCodec.encode(runs), total: Int(size)) == runs)
    }
  }

  private static func again(_ chunk: OutputChunk) {
    let stored = chunk.bytes.withUnsafeBytes { EncodedOutput($0, runs: chunk.runs) }
    let back = stored.data.withUnsafeBytes {
      OutputChunk(
        codec: stored.codec.rawValue, size: Int64(stored.size), runs: stored.runs, data: $0)
    }
    precondition(back == chunk, "what is stored is what is read")
  }

  @Sendable static func json(_ bytes: [UInt8]) {
    guard let value = try? JSON(parsing: String(decoding: bytes, as: UTF8.self)) else { return }
    precondition((try? JSON(parsing: value.text)) == value, "what is printed is what is read")
    precondition((try? JSON(parsing: value.prettyText)) == value)
    // Whatever an event's data is, somebody reads it as his own.
    _ = (Created(value), Ending(value), Running(value), ControlRequest(value), Warning(value))
  }

  /// A pattern, a zero byte, and what it is tried on.
  @Sendable static func pattern(_ bytes: [UInt8]) {
    let parts = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
    let text = String(decoding: parts[0], as: UTF8.self)
    let subject = parts.count > 1 ? Array(parts[1]) : []
    let name = String(decoding: subject, as: UTF8.self)
    let instance = InstanceID(createdAt: WallTime(microseconds: 1_795_358_400_000_000))
    let pattern = Pattern(text)
    let matches = pattern.matches(job: name, instance: instance)
    precondition(!pattern.matches(job: name) || matches)
    precondition(Pattern(name).matches(job: name, instance: instance), "a name names itself")
    guard let expression = try? RegularExpression(text) else { return }
    let matcher = Matcher(expression)
    var allowance = TimeAllowance(microseconds: 5000)
    let found = subject.withUnsafeBytes { matcher.find(in: $0, &allowance) }
    guard found == .found else { return }
    for group in 0...expression.groupCount {
      guard let range = matcher.range(ofGroup: group) else { continue }
      precondition(range.upperBound <= subject.count, "a group lies in the text")
    }
  }

  /// A configuration file, and the same as a `--set`.
  @Sendable static func config(_ bytes: [UInt8]) {
    let surroundings = UserEnvironment(
      environment: { ["HOME": "/home/ann"][$0] }, uid: 1000, currentDirectory: { "/" },
      homeDirectory: { nil })
    var reader = ConfigurationReader(
      over: Configuration(), surroundings: surroundings, place: { "taro.yaml:\($0)" })
    if let root = try? YAMLReader.root(of: bytes) { reader.read(root) }
    for problem in reader.problems { precondition(!problem.description.isEmpty) }
    var configuration = Configuration()
    try? ConfigurationSetting.apply(
      [String(decoding: bytes, as: UTF8.self)], to: &configuration, surroundings: surroundings)
  }

  @Sendable static func time(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    // The last is where the kernel's clock ends.
    for microseconds: Int64 in [1_795_358_400_123_456, 0, 9_223_372_036_854_775] {
      let now = WallTime(microseconds: microseconds)
      _ = try? TimeText.time(text, now: now)
      if let time = try? TimeText.future(text, now: now) { precondition(time > now) }
      _ = try? TimeText.upcoming(text, now: now)
    }
    guard let duration = try? DurationText.microseconds(text) else { return }
    precondition(duration >= 0)
    precondition(!DurationText.exact(duration).isEmpty)
  }
}
