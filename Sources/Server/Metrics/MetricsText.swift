internal import Events
internal import HTTPTypes
internal import Projections

/// Figures as Prometheus reads them.
struct MetricsText {
  enum Format: Sendable {
    /// Prometheus' text format 0.0.4.
    case text
    /// OpenMetrics 1.0.0.
    case openMetrics

    var contentType: String {
      switch self {
      case .text: "text/plain; version=0.0.4; charset=utf-8"
      case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
      }
    }

    /// OpenMetrics where somebody asks for it, and not rather for the other.
    init(_ headers: HTTPFields) {
      var (rich, plain) = (0.0, 0.0)
      for part in headers[values: .accept].joined(separator: ",").split(separator: ",") {
        let words = part.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
        let quality = words.dropFirst().first { $0.hasPrefix("q=") }.flatMap {
          Double($0.dropFirst(2))
        }
        switch words.first {
        case "application/openmetrics-text": rich = max(rich, quality ?? 1)
        case "text/plain": plain = max(plain, quality ?? 1)
        default: break
        }
      }
      self = rich > 0 && rich >= plain ? .openMetrics : .text
    }
  }

  enum Kind: String { case counter, gauge, histogram }

  typealias Label = (name: String, value: String)

  private let format: Format
  private(set) var text = ""

  init(_ format: Format) { self.format = format }

  /// Gives what was written, and begins anew.
  mutating func take() -> String {
    defer { text = "" }
    return text
  }

  /// - Parameter name: of a counter without `_total`.
  mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
    let own = kind == .counter && format == .text ? "\(name)_total" : name
    text += "# HELP \(own) \(help)\n# TYPE \(own) \(kind.rawValue)\n"
  }

  mutating func add(_ name: String, _ labels: [Label] = [], value: Int64) {
    add(name, labels, text: "\(value)")
  }

  mutating func add(_ name: String, _ labels: [Label] = [], seconds microseconds: Int64) {
    add(name, labels, text: Self.seconds(microseconds))
  }

  mutating func add(_ name: String, _ labels: [Label] = [], seconds time: WallTime) {
    add(name, labels, seconds: time.microseconds)
  }

  mutating func add(_ name: String, _ labels: [Label], histogram: Histogram) {
    for (bound, count) in zip(histogram.bounds, histogram.upToBounds) {
      add("\(name)_bucket", labels + [("le", Self.seconds(bound))], value: count)
    }
    let count = histogram.count
    add("\(name)_bucket", labels + [("le", "+Inf")], value: count)
    add("\(name)_sum", labels, seconds: histogram.sum)
    add("\(name)_count", labels, value: count)
  }

  mutating func end() { if format == .openMetrics { text += "# EOF\n" } }

  private mutating func add(_ name: String, _ labels: [Label], text value: String) {
    text += name
    if !labels.isEmpty {
      text += "{"
      for (index, label) in labels.enumerated() {
        text += "\(index > 0 ? "," : "")\(label.name)=\"\(Self.escaped(label.value))\""
      }
      text += "}"
    }
    text += " \(value)\n"
  }

  private static func seconds(_ microseconds: Int64) -> String {
    "\(Double(microseconds) / 1_000_000)"
  }

  private static func escaped(_ value: String) -> String {
    guard value.utf8.contains(where: { $0 == 0x5c || $0 == 0x22 || $0 == 0x0a }) else {
      return value
    }
    var escaped = ""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\"": escaped += "\\\""
      case "\n": escaped += "\\n"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
