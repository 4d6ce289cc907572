internal import CommandLineKit
internal import Events
internal import Fleet
internal import Linux
internal import Presentation

/// Prints what hosts say, line by line, each behind its host's name. Of one host alone nothing is put before, and a pipe
/// gets its bytes as they are. A terminal never gets a control character from a host.
final class HostPrinter {
  private static let longestLine = 64 << 10
  private static let tones: [Tone] = [
    .state(.executing), .state(.beforeExecution), .state(.notExecuted), .heading,
    .state(.notCompleted),
  ]

  let output: StandardOutput
  private let prefixes: [PrintableText]
  let isForTerminal: Bool
  private var lines: [Int: [OutputStream: [UInt8]]] = [:]

  /// - Parameter alwaysNames: the host stands there of one host, too.
  init(_ hosts: [FleetHost], _ palette: Palette, alwaysNames: Bool = false) {
    output = StandardOutput()
    isForTerminal = Terminal.isTerminal(1)
    let width = min(32, hosts.map(\.name.count).max() ?? 0)
    prefixes =
      hosts.count == 1 && !alwaysNames
      ? [""]
      : hosts.enumerated().map { index, host in
        let padding = String(repeating: " ", count: max(0, width - host.name.count))
        return palette.paint(host.name, Self.tones[index % Self.tones.count])
          + "\(padding) "
      }
  }

  /// A line of ours, or made printable elsewhere, with its end.
  func write(_ text: PrintableText, of host: Int) { output.write(prefixes[host] + text) }

  /// The same, and behind it bytes as they are: not for a terminal.
  func write(_ text: PrintableText, _ bytes: [UInt8], of host: Int, end: PrintableText) {
    write(text, of: host)
    output.write(bytes[...])
    output.write(end)
  }

  func write(_ bytes: [UInt8], of host: Int, _ stream: OutputStream) {
    if prefixes[host].text.isEmpty, !isForTerminal, stream == .stdout {
      return output.write(bytes[...])
    }
    var rest = bytes[...]
    while let feed = rest.firstIndex(of: 0x0a) {
      print((lines[host]?[stream] ?? []) + rest[..<feed], of: host, stream)
      lines[host]?[stream] = nil
      rest = rest[(feed + 1)...]
    }
    lines[host, default: [:]][stream, default: []] += rest
    // One without an end is not waited for.
    if let line = lines[host]?[stream], line.count > Self.longestLine {
      print(line, of: host, stream)
      lines[host]?[stream] = nil
    }
  }

  /// Prints what a host has said without an end of its line.
  func finish(_ host: Int) {
    for stream in OutputStream.allCases {
      if let line = lines[host]?[stream], !line.isEmpty { print(line, of: host, stream) }
    }
    lines[host] = nil
  }

  private func print(_ line: [UInt8], of host: Int, _ stream: OutputStream) {
    let prefix = prefixes[host]
    if stream == .stderr {
      output.flush()
      let text = String(decoding: line, as: UTF8.self)
      try? RawIO.writeAll(2, "\(prefix.text)\(PrintableText.escaped(text))\n")
    } else if isForTerminal {
      output.write("\(prefix)\(String(decoding: line, as: UTF8.self))\n")
    } else {
      output.write(prefix)
      output.write(line[...])
      output.write([0x0a][...])
    }
  }
}
