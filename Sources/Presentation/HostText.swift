package import Documents
internal import Events

/// A host as people read it: what its file says, then what the kernel knows.
package enum HostText {
  package static func lines(_ host: HostDocument) -> [PrintableText] {
    let own = Set(host.constants.map(\.key))
    let known: [(String, String?)] = [
      ("hostname", host.hostname), ("machine", host.machine), ("processor", host.processor),
      ("processors", "\(host.processors)"), ("memory", host.memoryBytes.map(TimeFormat.bytes)),
      ("os", host.system), ("kernel", host.kernel), ("booted", TimeFormat.local(host.bootedAt)),
    ]
    return host.constants.map { "\($0.key): \($0.value.string ?? "")\n" }
      + known.compactMap { name, value in
        guard let value, !own.contains(name) else { return nil }
        return "\(name): \(value)\n"
      }
  }
}
