package import Documents
package import Events
package import Linux
package import Settings

/// A description of this host: what the file `hostinfo` says below [const], and what the kernel knows.
package struct HostDescription {
  /// In the order of the file.
  package let constants: [(name: String, value: String)]
  /// Sections of the file that are not understood, and the file.
  package let otherSections: [String]
  package let path: String?
  /// Files that are there and were passed over.
  package let skipped: [SkippedFile]
  package let machine = Machine()
  package let bootedAt = WallTime.now - BootTime.now.microseconds

  package init() throws(ConfigurationError) {
    let found = try ConfigurationLookup().find(HostInfoFile.fileName)
    skipped = found.skipped
    let info = try found.file.map { file throws(ConfigurationError) in try HostInfoFile(file) }
    constants = info?.constants ?? []
    otherSections = info?.otherSections ?? []
    path = found.file?.path
  }

  package var document: HostDocument {
    HostDocument(
      constants: constants.map { JSON.Member($0.name, .string($0.value)) },
      hostname: Host.name(), machine: machine.architecture, processor: machine.processor,
      processors: Int64(machine.processors), memoryBytes: machine.memoryBytes,
      system: machine.system, kernel: machine.kernel, bootedAt: bootedAt)
  }

  package static func document() throws(ConfigurationError) -> HostDocument {
    try HostDescription().document
  }
}
