package import Events
internal import Glibc
internal import Ledger
internal import Linux
package import Settings
internal import Spawn

/// With what a job is started, where that is not what taro has itself.
package struct LaunchSettings: Sendable {
  /// The directory to start it in, as bytes; one that is not absolute is below taro's.
  package var directory: [UInt8]?
  package var umask: UInt32?
  /// -20 (first) to 19 (last).
  package var niceness: Int32?
  /// `NAME=value` each, as bytes, every name once: added to the environment, or in place of what is there.
  package var variables: [[UInt8]] = []
  package var recordedVariables = RecordedVariables.none
  /// It gets a terminal of its own.
  package var hasOwnTerminal = false
  /// The job's output is passed on at its end, and only if it did not complete.
  package var isQuietOnSuccess = false
  /// Nothing is run: the instance ends in this state, a terminal one.
  package var dryRun: InstanceState?

  package init() {}
}

extension Job {
  /// The launch without its streams and signals.
  func launch(of instance: InstanceID) -> Launch {
    var launch = Launch(command)
    launch.variables = variables
    launch.spareVariables = Self.marks(of: instance, job: id)
    launch.attributes.directory = self.launch.directory
    launch.attributes.umask = self.launch.umask
    launch.attributes.niceness = self.launch.niceness
    return launch
  }

  /// Returns the variables that say who the job is, for what it starts itself and for what it writes. The job is found
  /// by the first.
  private static func marks(of instance: InstanceID, job: String) -> [[UInt8]] {
    [EnvironmentVariable.instance.assigned(instance.text), EnvironmentVariable.job.assigned(job)]
      .map { Array($0.utf8) }
  }

  /// The variables that the user has asked for, and PWD as `cd` would set it.
  private var variables: [[UInt8]] {
    guard let directory = launch.directory.flatMap(Host.realPath),
      !launch.variables.contains(where: { Variable.name(of: $0) == Array("PWD".utf8) })
    else { return launch.variables }
    return [Array("PWD=".utf8) + directory] + launch.variables
  }

  /// Adds to what is told of an instance when it is created.
  func describeLaunch(of instance: InstanceID, in created: inout Created) {
    let directory = directory
    created.cwd = Variable.text(directory)
    if !Variable.isUTF8(directory) { created.cwdBase64 = Base64.encode(directory) }
    created.umask = Self.text(umask: launch.umask ?? Self.currentUmask())
    created.nice = launch.niceness.map { Int64($0) }
    created.hasOwnTerminal = launch.hasOwnTerminal
    created.isDryRun = launch.dryRun != nil
    created.envSet = launch.variables.map { Variable.text(Variable.name(of: $0)) }
    guard launch.recordedVariables != .none else { return }
    let all = environment(of: instance).filter(isRecorded)
    let recorded = all.filter { Variable.isUTF8(Variable.name(of: $0)) }
    created.envOtherBase64 = all.filter { !Variable.isUTF8(Variable.name(of: $0)) }
      .map(Base64.encode)
    created.env = recorded.map { variable in
      JSON.Member(
        Variable.text(Variable.name(of: variable)),
        .string(Variable.text(Variable.value(of: variable))))
    }
    let damaged = recorded.filter { !Variable.isUTF8(Variable.value(of: $0)) }
    guard !damaged.isEmpty else { return }
    created.envBase64 = damaged.map { variable in
      JSON.Member(
        Variable.text(Variable.name(of: variable)),
        .string(Base64.encode(Variable.value(of: variable))))
    }
  }

  /// The whole environment that the job gets.
  private func environment(of instance: InstanceID) -> [[UInt8]] {
    let added = Self.marks(of: instance, job: id) + variables
    let names = Set(added.map(Variable.name))
    return Environment.all().filter { !names.contains(Variable.name(of: $0)) } + added
  }

  private func isRecorded(_ variable: [UInt8]) -> Bool {
    switch launch.recordedVariables {
    case .none: false
    case .named(let names): names.contains(Variable.text(Variable.name(of: variable)))
    case .all: true
    }
  }

  /// The path of a directory that does not exist is where it would be.
  private var directory: [UInt8] {
    let own = Host.currentDirectoryBytes()
    guard let directory = launch.directory else { return own }
    if let path = Host.realPath(directory) { return path }
    let slash = UInt8(ascii: "/")
    return directory.first == slash ? directory : own + [slash] + directory
  }

  /// There is no call that only reads it; no other thread runs yet.
  private static func currentUmask() -> UInt32 {
    let mask = Glibc.umask(0o077)
    _ = Glibc.umask(mask)
    return mask
  }

  private static func text(umask: UInt32) -> String {
    let text = String(umask, radix: 8)
    return String(repeating: "0", count: max(0, 4 - text.utf8.count)) + text
  }
}

/// A variable of an environment, `NAME=value`.
private enum Variable {
  static func name(of variable: [UInt8]) -> [UInt8] {
    Array(variable.prefix { $0 != UInt8(ascii: "=") })
  }

  static func value(of variable: [UInt8]) -> [UInt8] {
    Array(variable.drop { $0 != UInt8(ascii: "=") }.dropFirst())
  }

  static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  static func isUTF8(_ bytes: [UInt8]) -> Bool { Array(text(bytes).utf8) == bytes }
}
