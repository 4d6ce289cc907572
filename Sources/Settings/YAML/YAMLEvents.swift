internal import CYAML
internal import Linux

/// libyaml's parser over bytes that outlive it: one event after the other.
@safe struct YAMLEvents: ~Copyable {
  enum Kind {
    case scalar(String, isPlain: Bool)
    case sequenceStart
    case mappingStart
    case collectionEnd
    /// The beginning of the stream or of a document, or a document's end.
    case structure
    case end
  }

  struct Event {
    let kind: Kind
    let line: Int
  }

  private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
  private let input: UnsafeBufferPointer<UInt8>

  init(_ input: UnsafeBufferPointer<UInt8>) throws(YAMLError) {
    unsafe self.input = input
    unsafe parser.initialize(to: yaml_parser_t())
    guard unsafe yaml_parser_initialize(parser) == 1 else {
      throw YAMLError(line: 1, reason: "there is no memory to read it")
    }
    // Said and not guessed: what begins like UTF-16 is refused as what it is, no UTF-8.
    unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    unsafe yaml_parser_set_input_string(parser, input.baseAddress, input.count)
  }

  deinit {
    unsafe yaml_parser_delete(parser)
    unsafe parser.deallocate()
  }

  mutating func next() throws(YAMLError) -> Event {
    var event = unsafe yaml_event_t()
    guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw failure }
    defer { unsafe yaml_event_delete(&event) }
    let line = unsafe Int(event.start_mark.line) + 1
    return unsafe Event(kind: try Self.kind(of: event, line), line: line)
  }

  private static func kind(of event: yaml_event_t, _ line: Int) throws(YAMLError) -> Kind {
    switch unsafe event.type {
    case YAML_SCALAR_EVENT:
      let scalar = unsafe event.data.scalar
      try unsafe refuse(tag: scalar.tag, line)
      let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      guard unsafe !bytes.contains(0) else {
        throw YAMLError(line: line, reason: "there is a NUL character in a value")
      }
      return unsafe .scalar(
        String(decoding: bytes, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
    case YAML_SEQUENCE_START_EVENT:
      try unsafe refuse(tag: event.data.sequence_start.tag, line)
      return .sequenceStart
    case YAML_MAPPING_START_EVENT:
      try unsafe refuse(tag: event.data.mapping_start.tag, line)
      return .mappingStart
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return .collectionEnd
    case YAML_ALIAS_EVENT:
      let name = unsafe EscapedText.of(text(event.data.alias.anchor))
      throw YAMLError(
        line: line, reason: "the alias *\(name) is not read; write out what it stands for")
    // After the end there is nothing but "no event".
    case YAML_STREAM_END_EVENT, YAML_NO_EVENT: return .end
    default: return .structure
    }
  }

  private static func refuse(
    tag: UnsafeMutablePointer<yaml_char_t>?, _ line: Int
  ) throws(YAMLError) {
    guard let tag = unsafe tag else { return }
    let name = unsafe EscapedText.of(text(tag))
    throw YAMLError(line: line, reason: "the tag \(name) is not read; leave it out")
  }

  private static func text(_ bytes: UnsafeMutablePointer<yaml_char_t>?) -> String {
    guard let bytes = unsafe bytes else { return "" }
    return unsafe String(cString: UnsafePointer(bytes))
  }

  // MARK: Errors

  private var failure: YAMLError {
    switch unsafe parser.pointee.error {
    case YAML_MEMORY_ERROR: return YAMLError(line: 1, reason: "there is no memory to read it")
    case YAML_READER_ERROR:
      let before = unsafe input.prefix(parser.pointee.problem_offset)
      let line = unsafe before.count { $0 == UInt8(ascii: "\n") } + 1
      return YAMLError(line: line, reason: "it is not UTF-8 text: \(problem)")
    default:
      let line = unsafe Int(parser.pointee.problem_mark.line) + 1
      if isIndentedWithTab(line) {
        return YAMLError(line: line, reason: "it is indented with a tab; use blanks")
      }
      return YAMLError(line: line, reason: context + problem)
    }
  }

  private var problem: String {
    unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "it is no YAML"
  }

  /// The thing that libyaml was reading, and where it began when that is another line.
  private var context: String {
    guard let context = unsafe parser.pointee.context else { return "" }
    let begun = unsafe parser.pointee.context_mark.line
    let place =
      unsafe begun == parser.pointee.problem_mark.line ? "" : " that begins in line \(begun + 1)"
    return unsafe "\(String(cString: context))\(place): "
  }

  private func isIndentedWithTab(_ line: Int) -> Bool {
    let lines = unsafe input.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard unsafe line <= lines.count else { return false }
    let blanks = unsafe lines[line - 1].prefix {
      $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t")
    }
    return unsafe blanks.contains(UInt8(ascii: "\t"))
  }
}
