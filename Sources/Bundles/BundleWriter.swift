internal import Digests
package import Events
package import Linux

/// Writes a bundle, member after member, without keeping any of it in memory.
package struct BundleWriter: ~Copyable {
  private let file: NewFile
  private var manifest: BundleManifest
  private var position: Int64 = 0
  private var current: (member: BundleMember, start: Int64, hash: SHA256Hash)?
  private var buffer: [UInt8] = []

  private static let bufferSize = 256 << 10

  /// - Parameter manifest: without members.
  /// - Throws: EEXIST where there is something at that name.
  package init(_ path: String, _ manifest: BundleManifest) throws(SystemCallError) {
    file = try NewFile.begin(path)
    self.manifest = manifest
  }

  private var time: Int64 { manifest.madeAt.microseconds / 1_000_000 }

  /// Begins the next member.
  package mutating func begin(_ member: BundleMember) throws(SystemCallError) {
    try flush()
    current = (member, position, SHA256Hash())
    // Its header has its size, and comes when that is known.
    position += Int64(TarHeader.block)
  }

  package mutating func write(_ bytes: UnsafeRawBufferPointer) throws(SystemCallError) {
    current?.hash.update(bytes)
    if buffer.count + bytes.count > Self.bufferSize { try flush() }
    guard bytes.count < Self.bufferSize else { return try writeOut(bytes) }
    buffer.append(contentsOf: bytes)
  }

  package mutating func write(_ text: String) throws(SystemCallError) {
    let bytes = Array(text.utf8)
    try writeAll(bytes)
  }

  private mutating func writeAll(_ bytes: [UInt8]) throws(SystemCallError) {
    let failure: SystemCallError? = bytes.withUnsafeBytes { bytes in
      do throws(SystemCallError) {
        try write(bytes)
        return nil
      } catch { return error }
    }
    if let failure { throw failure }
  }

  /// Writes a JSON document as a line.
  package mutating func write(line json: JSON) throws(SystemCallError) {
    try write(json.text + "\n")
  }

  /// Ends the member.
  package mutating func end() throws(SystemCallError) {
    try flush()
    guard let (member, start, begun) = current else { return }
    current = nil
    var hash = begun
    let size = position - start - Int64(TarHeader.block)
    let header = TarHeader(name: member.name, size: size, time: time)
    try put(header.bytes, at: start)
    if header.padding > 0 {
      try put([UInt8](repeating: 0, count: header.padding), at: position)
      position += Int64(header.padding)
    }
    if member.isInManifest {
      manifest.members.append(.init(member: member, size: size, digest: hash.finish()))
    }
  }

  private mutating func flush() throws(SystemCallError) {
    guard !buffer.isEmpty else { return }
    let bytes = buffer
    buffer.removeAll(keepingCapacity: true)
    try put(bytes, at: position)
    position += Int64(bytes.count)
  }

  private mutating func writeOut(_ bytes: UnsafeRawBufferPointer) throws(SystemCallError) {
    try file.write(bytes, at: position)
    position += Int64(bytes.count)
  }

  private func put(_ bytes: [UInt8], at position: Int64) throws(SystemCallError) {
    let failure: SystemCallError? = bytes.withUnsafeBytes { bytes in
      do throws(SystemCallError) {
        try file.write(bytes, at: position)
        return nil
      } catch { return error }
    }
    if let failure { throw failure }
  }

  /// Writes the manifest, and what `sign` makes of its text; then the bundle gets its name, on disk.
  /// - Returns: its length in bytes.
  package mutating func finish(
    sign: ((String) throws -> String)? = nil
  ) throws -> Int64 {
    let text = manifest.text
    try begin(.manifest)
    try write(text)
    try end()
    if let sign {
      let signature = try sign(text)
      try begin(.signature)
      try write(signature)
      try end()
    }
    try put(TarHeader.end, at: position)
    position += Int64(TarHeader.end.count)
    try file.publish()
    return position
  }
}
