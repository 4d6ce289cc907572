internal import Digests
package import Events

/// `manifest.json`: who has made the bundle, and the SHA-256 of each other member. It ends with a digest of itself, so that a
/// changed bit shows where nobody has signed it.
package struct BundleManifest: Equatable, Sendable {
  package struct Member: Equatable, Sendable {
    package let member: BundleMember
    package let size: Int64
    package let digest: Digest
  }

  /// The version of taro that has made it.
  package var version: String
  package var madeAt: WallTime
  package var user: String
  package var uid: Int64
  package var host: String
  package var members: [Member] = []

  package init(version: String, madeAt: WallTime, user: String, uid: Int64, host: String) {
    self.version = version
    self.madeAt = madeAt
    self.user = user
    self.uid = uid
    self.host = host
  }

  private static let checkKey = #","check":""#
  private static let ending = "\"}\n"

  /// One line; always the same for the same content.
  package var text: String {
    let json = JSON.object([
      .init("taro_bundle", .integer(BundleFormat.version)), .init("version", .string(version)),
      .init("made_at", .string(Timestamp.rfc3339(madeAt))),
      .init(
        "made_by",
        .object([
          .init("user", .string(user)), .init("uid", .integer(uid)), .init("host", .string(host)),
        ])),
      .init(
        "members",
        .array(
          members.map {
            .object([
              .init("name", .string($0.member.name)), .init("size", .integer($0.size)),
              .init("sha256", .string($0.digest.description)),
            ])
          })),
    ])
    let body = String(json.text.dropLast())
    return body + Self.checkKey + Digest(of: Array(body.utf8)).description + Self.ending
  }

  init(parsing bytes: [UInt8]) throws(BundleRefusal) {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let json = try? JSON(parsing: text), let format = json["taro_bundle"]?.integer else {
      throw BundleRefusal("manifest.json is damaged")
    }
    guard format == BundleFormat.version else {
      throw BundleRefusal("it is of format \(format), which a later version has made")
    }
    guard let version = json["version"]?.string,
      let madeAt = json["made_at"]?.string.flatMap(Timestamp.time),
      let user = json["made_by"]?["user"]?.string, let uid = json["made_by"]?["uid"]?.integer,
      let host = json["made_by"]?["host"]?.string, let members = json["members"]?.array
    else { throw BundleRefusal("manifest.json is damaged") }
    self.init(version: version, madeAt: madeAt, user: user, uid: uid, host: host)
    for item in members {
      guard let member = item["name"]?.string.flatMap({ BundleMember(rawValue: $0) }),
        let size = item["size"]?.integer,
        let digest = item["sha256"]?.string.flatMap({ Digest(hexadecimal: $0) })
      else { throw BundleRefusal("manifest.json is damaged") }
      self.members.append(Member(member: member, size: size, digest: digest))
    }
    // Made anew it has to be the same, to the last byte.
    guard Array(self.text.utf8) == bytes else { throw BundleRefusal("manifest.json is damaged") }
  }
}
