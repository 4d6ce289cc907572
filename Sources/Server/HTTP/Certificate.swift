internal import NIOSSL
internal import Synchronization

/// The server's certificate and key, which may be replaced while it runs.
final class Certificate: Sendable {
  struct Unusable: Error, CustomStringConvertible {
    let path: String
    let reason: String
    var description: String { "\(path): \(reason)" }
  }

  private let certificatePath: String
  private let keyPath: String
  private let current: Mutex<NIOSSLContext>

  init(certificate: String, key: String) throws {
    certificatePath = certificate
    keyPath = key
    current = Mutex(try Self.load(certificate, key))
  }

  var context: NIOSSLContext { current.withLock { $0 } }

  /// Reads certificate and key again. Connections that are open go on with what they have.
  /// - Throws: `Unusable`; the former one stays then.
  func reload() throws {
    let context = try Self.load(certificatePath, keyPath)
    current.withLock { $0 = context }
  }

  private static func load(_ certificate: String, _ key: String) throws -> NIOSSLContext {
    let chain: [NIOSSLCertificate]
    do { chain = try NIOSSLCertificate.fromPEMFile(certificate) } catch {
      throw Unusable(path: certificate, reason: "it holds no certificate in PEM form")
    }
    guard !chain.isEmpty else {
      throw Unusable(path: certificate, reason: "it holds no certificate in PEM form")
    }
    let privateKey: NIOSSLPrivateKey
    do { privateKey = try NIOSSLPrivateKey(file: key, format: .pem) } catch {
      throw Unusable(path: key, reason: "it holds no private key in PEM form")
    }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(privateKey))
    configuration.minimumTLSVersion = .tlsv12
    configuration.applicationProtocols = ["http/1.1"]
    do { return try NIOSSLContext(configuration: configuration) } catch {
      throw Unusable(path: key, reason: "it does not belong to \(certificate)")
    }
  }
}
