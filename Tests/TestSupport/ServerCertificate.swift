internal import Testing

/// A certificate for a server of a test; needs ``TestHost/hasOpenSSL``.
extension TaroProgram {
  package var certificate: String { "\(root)/cert" }
  package var certificateKey: String { "\(root)/key" }

  /// Makes a certificate for this host that is its own authority, and its key; in the place of those that are there.
  package func makeCertificate(_ name: String) throws {
    try shell(
      """
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
        -subj "/CN=\(name)" -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" \
        -keyout '\(certificateKey).new' -out '\(certificate).new' 2>/dev/null &&
      mv '\(certificateKey).new' '\(certificateKey)' && mv '\(certificate).new' '\(certificate)'
      """
    ).expect(code: 0)
  }
}
