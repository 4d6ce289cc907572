internal import Events
package import Projections
internal import Settings

extension Job {
  /// The job that an instance was, to be run again. Nil when its record does not tell the command.
  /// - Parameter variables: `NAME=value` each, as bytes; they go before those that were recorded.
  package init?(repeating record: InstanceRecord, variables: [[UInt8]]) {
    let created = record.created
    let command =
      created.commandBase64?.map(Base64.decode) ?? created.command.map { Array($0.utf8) }
    guard !command.isEmpty, !created.options.isMasked, let words = Self.all(command) else {
      return nil
    }
    self.init(id: JobID.ofRepeated(record.job, words), command: words)
    params = created.params
    bypassesOutput = created.bypassesOutput
    split = created.split.flatMap(OutputSplit.init)
    group = created.executionGroup
    // It is wanted now.
    gates = created.gates
    gates.delay = nil
    gates.notBefore = nil
    timeout = created.timeout
    killAfter = created.killAfter
    diesWithTaro = created.diesWithTaro
    options = created.options
    launch.isQuietOnSuccess = options.isQuietOnSuccess
    rerunOf = record.name
    launch.directory =
      created.cwdBase64.flatMap(Base64.decode)
      ?? (created.cwd.isEmpty ? nil : Array(created.cwd.utf8))
    launch.umask = UInt32(created.umask, radix: 8)
    launch.niceness = created.nice.map { Int32(clamping: $0) }
    launch.hasOwnTerminal = created.hasOwnTerminal
    launch.variables = Self.variables(of: created, but: variables) + variables
    // So that this run can be repeated as well.
    if let env = created.env { launch.recordedVariables = .named(env.map(\.key)) }
  }

  private static func all(_ words: [[UInt8]?]) -> [[UInt8]]? {
    let known = words.compactMap { $0 }
    return known.count == words.count ? known : nil
  }

  /// Returns the variables of the instance, without those that said who it was.
  private static func variables(of created: Created, but given: [[UInt8]]) -> [[UInt8]] {
    let names = Set(given.map { Array($0.prefix { $0 != UInt8(ascii: "=") }) })
    let others = created.envOtherBase64.compactMap(Base64.decode)
    return others
      + (created.env ?? []).compactMap { member in
        guard ![EnvironmentVariable.job, .instance].map(\.name).contains(member.key),
          !names.contains(Array(member.key.utf8))
        else { return nil }
        let bytes = created.envBase64?.first { $0.key == member.key }?.value.string
          .flatMap(Base64.decode)
        return Array("\(member.key)=".utf8) + (bytes ?? Array((member.value.string ?? "").utf8))
      }
  }
}
