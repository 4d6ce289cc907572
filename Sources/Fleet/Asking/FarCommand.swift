/// A command for the shell of another host, whatever shell its user has: sh, bash, dash, zsh, ksh, csh, fish.
///
/// Words go as they are, byte for byte. What is run there is a script for sh(1), and the words of it stand in single
/// quotes; the user's own shell sees of the script nothing but characters that every shell leaves alone between single
/// quotes, all others as octal numbers, which printf(1) makes characters again.
package enum FarCommand {
  /// Words as sh(1) needs them typed.
  package static func quoted(_ word: [UInt8]) -> [UInt8] {
    if !word.isEmpty, word.allSatisfy(isPlain) { return word }
    var result: [UInt8] = [quote]
    for byte in word {
      // The quote ends, one stands alone, the next begins.
      if byte == quote { result += [quote, backslash, quote, quote] } else { result.append(byte) }
    }
    return result + [quote]
  }

  package static func line(_ words: [[UInt8]]) -> [UInt8] {
    Array(words.map(quoted).joined(separator: [space]))
  }

  /// A command line for any shell that runs the script by sh(1). The script neither begins with a dash nor ends with a
  /// line feed.
  package static func running(script: [UInt8]) -> [UInt8] {
    var result = Array("exec sh -c 'eval \"$(printf \"$0\")\"' '".utf8)
    for byte in script {
      if isSafe(byte) {
        result.append(byte)
      } else {
        result.append(backslash)
        for shift in [6, 3, 0] as [UInt8] { result.append(0x30 + (byte >> shift & 7)) }
      }
    }
    return result + [quote]
  }

  /// A script that says where its answer begins and who gives it, and then runs the program.
  ///
  /// The line before the answer is the marker and what the program says of its protocol: an object, or the line with its
  /// version where it is too old for that, or `missing`.
  /// - Parameters:
  ///   - program: a path, or a name that is looked for.
  ///   - variables: `NAME=value` each, of the program.
  ///   - preparation: lines of the script before the marker; what `$s` is then stands on the marker's line, in brackets.
  package static func script(
    marker: String, program: String, arguments: [[UInt8]], variables: [String] = [],
    preparation: String = ""
  ) -> [UInt8] {
    let name = String(decoding: quoted(Array(program.utf8)), as: UTF8.self)
    let head = """
      PATH=$PATH:/usr/local/bin:$HOME/.local/bin:$HOME/bin
      t=\(name) s=
      if command -v "$t" >/dev/null 2>&1; then
      \(preparation)
      p=$("$t" --protocol 2>/dev/null </dev/null) || p=$("$t" --version 2>/dev/null </dev/null)
      printf '\\n%s [%s] %s\\n' \(marker) "$s" "$p"
      else
      printf '\\n%s [] missing\\n' \(marker)
      exit 127
      fi
      exec
      """
    let start = variables.isEmpty ? [] : [Array("env".utf8)] + variables.map { Array($0.utf8) }
    var script = Array(head.utf8)
    for word in start { script += [space] + quoted(word) }
    script += Array(" \"$t\"".utf8)
    for word in arguments {
      script += [space] + (word == positionOfPreparation ? Array("\"$s\"".utf8) : quoted(word))
    }
    return script
  }

  /// A word that stands for what the preparation has found: no argument is this, for none has a NUL.
  package static let positionOfPreparation: [UInt8] = [0]

  private static let quote = UInt8(ascii: "'")
  private static let backslash = UInt8(ascii: "\\")
  private static let space = UInt8(ascii: " ")

  /// Left alone by sh(1) outside of quotes, wherever it stands in a word.
  private static func isPlain(_ byte: UInt8) -> Bool {
    isAlphanumeric(byte) || "_-./:,+@%=".utf8.contains(byte)
  }

  /// Left alone by every shell between single quotes, and by printf(1): `!` is the history's of csh, a backslash is fish's,
  /// a percent sign and a backslash are printf's.
  private static func isSafe(_ byte: UInt8) -> Bool {
    isAlphanumeric(byte) || " _-./:,+@=$\"(){}[]<>|&;*?#~^`".utf8.contains(byte)
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
  }
}
