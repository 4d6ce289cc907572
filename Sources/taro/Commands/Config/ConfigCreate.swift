internal import ArgumentParser
internal import CommandLineKit
internal import Glibc
internal import Linux
internal import Presentation
internal import Settings

struct ConfigCreate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create",
    abstract: "Make a configuration file with every common key and its default.",
    discussion: """
        taro config create
        sudo taro config create --system
      """)

  @Flag(help: "Replace a file that is there.")
  var overwrite = false

  @OptionGroup var place: ConfigurationPlace

  func run() throws { try ConfigurationCreation.create(in: place, overwrites: overwrite) }
}

struct ConfigReset: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reset",
    abstract: "Make a configuration file in place of the one that is there.")

  @OptionGroup var place: ConfigurationPlace

  func run() throws { try ConfigurationCreation.create(in: place, overwrites: true) }
}

struct ConfigurationPlace: ParsableArguments {
  @Flag(
    name: .customLong("system"),
    help: "Make \(ConfigurationLookup.hostDirectory)/taro.yaml, for everybody on this host.")
  var isForHost = false
}

/// Puts the file of `config create` into the user's directory, or the host's.
enum ConfigurationCreation {
  static func create(in place: ConfigurationPlace, overwrites: Bool) throws {
    let path = try place.isForHost ? hostPath() : ownPath()
    // A symlink, into a directory of such files, goes on to lead to it.
    let file: String
    do throws(ReplacedFile.Refusal) {
      file = overwrites ? try ReplacedFile.place(of: path) : path
    } catch { throw Failure(error.description) }
    let isMade =
      try place.isForHost
      ? writeForAll(file, overwrites: overwrites)
      // The file appears whole or not at all, and is for nobody else: settings of plugins may be secrets.
      : WholeFile.write(Configuration.template, to: file, overwrites: overwrites)
    guard isMade else { throw Failure("\(path) is there already; --overwrite replaces it") }
    let output = StandardOutput()
    output.write("copying file to \(path)\ndone!\n")
    output.flush()
  }

  private static func ownPath() throws -> String {
    guard let directory = ConfigurationLookup().userDirectory else {
      throw Failure("there is no home directory to make a configuration in; set HOME")
    }
    return "\(directory)/\(LoadedConfiguration.fileName)"
  }

  private static func hostPath() throws -> String {
    let directory = ConfigurationLookup.hostDirectory
    guard unsafe mkdir(directory, 0o755) == 0 || errno == EEXIST else {
      throw denied(SystemCallError("mkdir", directory))
    }
    return "\(directory)/\(LoadedConfiguration.fileName)"
  }

  /// Everybody reads it, from the moment on that it is there: one that cannot be read is an error to others.
  private static func writeForAll(_ path: String, overwrites: Bool) throws -> Bool {
    if !overwrites, unsafe access(path, F_OK) == 0 { return false }
    let new = "\(path).new"
    do throws(SystemCallError) {
      _ = try WholeFile.write(Configuration.template, to: new, overwrites: true)
      guard unsafe chmod(new, 0o644) == 0, unsafe rename(new, path) == 0 else {
        throw SystemCallError("rename", path)
      }
    } catch { throw denied(error) }
    return true
  }

  private static func denied(_ error: SystemCallError) -> any Error {
    guard [.accessDenied, Errno(EPERM), Errno(EROFS)].contains(error.errno) else { return error }
    return Failure(
      "\(error.subject ?? ConfigurationLookup.hostDirectory) cannot be written: \(error.errno.message); run it as root, as with sudo",
      code: EX_NOPERM)
  }
}
