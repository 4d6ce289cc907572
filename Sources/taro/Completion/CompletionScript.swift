internal import ArgumentParser
internal import CommandLineKit

/// The scripts that make shells complete taro's commands: the files beside this one. They ask the program (see
/// ``CompletionAnswer``), and so go on being right with a newer one.
enum CompletionScript {
  /// The parser's name for it. Its own scripts would let bash evaluate what they complete to.
  static let option = "--generate-completion-script"

  static func text(for shell: String?) throws -> String {
    let bytes =
      switch shell {
      case "bash": PackageResources.taro_bash
      case "zsh": PackageResources.taro_zsh
      case "fish": PackageResources.taro_fish
      default: throw Failure.usage("\(option) SHELL: the shells are bash, zsh and fish")
      }
    return String(decoding: bytes, as: UTF8.self)
  }
}
