/// With it a request that comes again is known: `idempotency` in the data of the event that tells it. Digests alone,
/// for the key may be a secret of who asked.
package struct RequestKey: Hashable, Sendable {
  /// The digest of the key that the client has chosen.
  package let key: Digest
  /// The digest of everything that was asked for, and of who asked.
  package let request: Digest

  package init(key: Digest, request: Digest) {
    self.key = key
    self.request = request
  }

  /// Fails where the JSON has no key.
  package init?(_ json: JSON) {
    guard let key = json["key"]?.string.flatMap({ Digest(hexadecimal: $0) }),
      let request = json["request"]?.string.flatMap({ Digest(hexadecimal: $0) })
    else { return nil }
    self.init(key: key, request: request)
  }

  package var json: JSON {
    .object([
      JSON.Member("key", .string(key.description)),
      JSON.Member("request", .string(request.description)),
    ])
  }
}
