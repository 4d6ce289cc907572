package import Events

/// A host, as `taro hostinfo` describes it.
package struct HostDocument: Equatable, Sendable {
  /// The constants of the file `hostinfo`, each value a string.
  package var constants: [JSON.Member]
  package var hostname: String
  package var machine: String
  package var processor: String?
  package var processors: Int64
  package var memoryBytes: Int64?
  package var system: String?
  package var kernel: String
  package var bootedAt: WallTime

  package init(
    constants: [JSON.Member], hostname: String, machine: String, processor: String?,
    processors: Int64, memoryBytes: Int64?, system: String?, kernel: String, bootedAt: WallTime
  ) {
    self.constants = constants
    self.hostname = hostname
    self.machine = machine
    self.processor = processor
    self.processors = processors
    self.memoryBytes = memoryBytes
    self.system = system
    self.kernel = kernel
    self.bootedAt = bootedAt
  }

  package var json: JSON {
    JSON(document: [
      ("const", .object(constants)), ("hostname", .string(hostname)),
      ("machine", .string(machine)), ("processor", .text(processor)),
      ("processors", .integer(processors)), ("memory_bytes", .count(memoryBytes)),
      ("os", .text(system)), ("kernel", .string(kernel)), ("booted_at", .time(bootedAt)),
    ])
  }

  package init(_ json: JSON) throws(DocumentError) {
    let fields = try DocumentFields(json)
    self.init(
      constants: try fields.members("const"), hostname: try fields.string("hostname"),
      machine: try fields.string("machine"), processor: try fields.text("processor"),
      processors: try fields.integer("processors"), memoryBytes: try fields.count("memory_bytes"),
      system: try fields.text("os"), kernel: try fields.string("kernel"),
      bootedAt: try fields.time("booted_at"))
  }
}
