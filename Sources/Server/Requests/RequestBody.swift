internal import Events
internal import Linux
internal import Settings

/// The members of a request's body. Each is taken once by the resource; what is left then is not understood.
struct RequestBody {
  private var members: [JSON.Member]
  private var known: [String] = []

  init(_ request: ServerRequest) throws(Problem) {
    members = try request.jsonBody().members ?? []
    var seen: Set<String> = []
    for member in members where !seen.insert(member.key).inserted {
      throw .badParameter(member.key, member.value.text, "it may be there once")
    }
  }

  private mutating func take(_ name: String) -> JSON? {
    known.append(name)
    guard let index = members.firstIndex(where: { $0.key == name }) else { return nil }
    return members.remove(at: index).value
  }

  mutating func takeText(_ name: String) throws(Problem) -> String? {
    guard let value = take(name) else { return nil }
    guard let text = value.string else {
      throw .badParameter(name, value.text, "accepted: a string")
    }
    return text
  }

  mutating func takeFlag(_ name: String) throws(Problem) -> Bool? {
    guard let value = take(name) else { return nil }
    guard let flag = value.bool else {
      throw .badParameter(name, value.text, "accepted: true, false")
    }
    return flag
  }

  /// A time to come; nil where there is none, or null.
  mutating func takeFuture(_ name: String) throws(Problem) -> WallTime? {
    guard let value = take(name), value != .null else { return nil }
    guard let text = value.string else {
      throw .badParameter(name, value.text, "accepted: a time, as a string")
    }
    let now = WallTime.now
    let time: WallTime
    do throws(SettingError) { time = try TimeText.future(text, now: now) } catch {
      throw .badParameter(name, text, "\(error.reason); \(error.remedy)")
    }
    return time
  }

  /// Takes the reason, for the record.
  mutating func takeReason() throws(Problem) -> String? {
    guard let reason = try takeText("reason") else { return nil }
    guard reason.unicodeScalars.count <= 1000 else {
      throw .badParameter("reason", reason, "it has more than 1000 characters")
    }
    return reason.isEmpty ? nil : reason
  }

  /// Refuses members that are left when everything has been taken: a name with a slip in it is not passed over.
  func finish() throws(Problem) {
    guard let member = members.first else { return }
    throw .badParameter(
      member.key, member.value.text,
      "the body has no such member; there are \(known.joined(separator: ", "))")
  }
}
