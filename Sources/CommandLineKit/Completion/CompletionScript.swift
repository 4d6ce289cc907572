/// The scripts that make shells complete a program's commands: the files beside this one, in which PROGRAM stands for its
/// name. They ask the program (see ``CompletionAnswer``), and so go on being right with a newer one.
enum CompletionScript {
  /// The parser's name for it. Its own scripts would let bash evaluate what they complete to.
  static let option = "--generate-completion-script"

  static func text(for shell: String?, _ program: ProgramDescription) throws -> String {
    let bytes =
      switch shell {
      case "bash": PackageResources.program_bash
      case "zsh": PackageResources.program_zsh
      case "fish": PackageResources.program_fish
      default: throw Failure.usage("\(option) SHELL: the shells are bash, zsh and fish")
      }
    return String(decoding: bytes, as: UTF8.self).replacing("PROGRAM", with: program.name)
  }
}
