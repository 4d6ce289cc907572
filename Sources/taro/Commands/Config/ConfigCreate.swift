internal import ArgumentParser
internal import CommandLineKit
internal import Linux
internal import Presentation
internal import Settings

struct ConfigCreate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create",
    abstract: "Make a configuration file of your own, with the log on.")

  @Flag(help: "Replace a file that is there.")
  var overwrite = false

  func run() throws { try ConfigurationCreation.create(overwrites: overwrite) }
}

struct ConfigReset: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reset",
    abstract: "Make a configuration file of your own in place of the one that is there.")

  func run() throws { try ConfigurationCreation.create(overwrites: true) }
}

/// Puts the file of `config create` into the user's directory.
enum ConfigurationCreation {
  static func create(overwrites: Bool) throws {
    guard let directory = ConfigurationLookup().userDirectory else {
      throw Failure("there is no home directory to make a configuration in; set HOME")
    }
    let path = "\(directory)/\(LoadedConfiguration.fileName)"
    // The file appears whole or not at all, and is for nobody else: settings of plugins may be secrets.
    guard try WholeFile.write(Configuration.template, to: path, overwrites: overwrites) else {
      throw Failure("\(path) is there already; --overwrite replaces it")
    }
    let output = StandardOutput()
    output.write("copying file to \(path)\ndone!\n")
    output.flush()
  }
}
