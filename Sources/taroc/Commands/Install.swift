internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Fleet
internal import Glibc
internal import Linux
internal import Presentation

struct Install: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "install",
    abstract: "Put the static taro on hosts.",
    discussion: """
      Copies the taro beside this program, which needs nothing on the far side but Linux on the same processor. It goes to \
      /usr/local/bin/taro for root, to ~/.local/bin/taro for others, or where the file of hosts says; it is tried there before \
      it takes the place of an older one.

        taroc install web3
        taroc install -g web --file ./taro

      0 installed on all, 1 on some, 2 on none.
      """)

  @Argument(
    help: ArgumentHelp("Hosts, as with -H.", valueName: "host"), completion: .hosts)
  var names: [String] = []

  @Option(
    help: ArgumentHelp("This taro, in place of the one beside taroc.", valueName: "path"),
    completion: .file())
  var file: String?

  @Option(
    help: ArgumentHelp("Put it there.", valueName: "path"))
  var to: String?

  @OptionGroup(title: "Hosts") var fleet: FleetOptions
  @OptionGroup var color: ColorOption

  func validate() throws {
    if let to, !to.hasPrefix("/") || to.hasSuffix("/") {
      throw ValidationError(
        "--to \(to): a path on that host begins with a slash, and names a file.")
    }
  }

  func run() throws {
    var fleet = fleet
    fleet.selected.hosts += names
    let targets = try fleet.targets(mustBeNamed: true)
    let program = try StaticProgram(try path())
    let report = FleetReport(targets.hosts, answers: [])
    let fan = FanOut(targets.hosts, targets.settings) { host in
      asking(program, targets.hosts[host])
    }
    var files: [Int: Int32] = [:]
    fan.input = { host in
      // One for each: they are read at their own pace.
      if let file = try? Descriptor.open(program.path, O_RDONLY) { files[host] = file.release() }
      return files[host]
    }
    let printer = HostPrinter(targets.hosts, color.palette, alwaysNames: true)
    var texts: [Int: [UInt8]] = [:]
    try fan.run { host, happening in
      switch happening {
      case .bytes(_, let bytes): texts[host, default: []] += bytes
      case .ended(let outcome, let errors, let more):
        if let file = files.removeValue(forKey: host) { close(file) }
        let said = String(decoding: texts[host] ?? [], as: UTF8.self)
          .split(separator: "\n").map(String.init)
        let isDone = report.take(
          host, outcome, errors: outcome == .answered(exitCode: 0) ? [] : said.suffix(1) + errors,
          more: more)
        if isDone { for line in said { printer.write("\(line)\n", of: host) } }
        printer.output.flush()
      case .begun, .line: break
      }
    }
    try report.end()
  }

  private func path() throws -> String {
    if let file { return file }
    guard let own = Host.programPath, let slash = own.lastIndex(of: "/") else {
      throw Failure("this program does not know where it is; name a taro with --file", code: 71)
    }
    return own[...slash] + "taro"
  }

  /// Its last line says what has been done, or why nothing was.
  private func asking(_ program: StaticProgram, _ host: FleetHost) -> Asking {
    let configured = host.program.flatMap { $0.hasPrefix("/") ? $0 : nil }
    let place = (to ?? configured).map {
      String(decoding: FarCommand.quoted(Array($0.utf8)), as: UTF8.self)
    }
    var asking = Asking(
      [], .text, http: .impossible("nothing can be installed over HTTP: give it an address"))
    asking.script = """
      to=\(place ?? "")
      if [ -z "$to" ]; then
      if [ "$(id -u)" = 0 ]; then to=/usr/local/bin/taro; else to=$HOME/.local/bin/taro; fi
      fi
      m="$(uname -s) $(uname -m)"
      [ "$m" = "Linux \(program.machine)" ] || { echo "this taro is for Linux \(program.machine), and that host is $m"; exit 3; }
      d=${to%/*}
      mkdir -p "$d" && t=$(mktemp "$to.XXXXXX") || { echo "nothing can be written in $d"; exit 4; }
      trap 'rm -f "$t"' EXIT
      cat > "$t" && [ "$(wc -c < "$t")" -eq \(program.size) ] || { echo "it has not arrived whole in $d: is the disk full?"; exit 5; }
      chmod 755 "$t" && v=$("$t" --version) || { echo "it does not run there"; exit 6; }
      o=$("$to" --version 2>/dev/null) || o=
      mv -f "$t" "$to" || { echo "$to cannot be replaced"; exit 7; }
      trap - EXIT
      if [ -n "$o" ]; then echo "$v installed as $to, in place of $o"; else echo "$v installed as $to"; fi
      """
    return asking
  }
}

/// A program that runs on any Linux of its processor.
struct StaticProgram {
  let path: String
  let size: Int64
  /// As uname(1) says it.
  let machine: String

  init(_ path: String) throws {
    self.path = path
    let file: Descriptor
    do throws(SystemCallError) { file = try Descriptor.openRegular(path, O_RDONLY) } catch {
      throw Failure(
        "there is no taro to install: \(error); name a static one with --file", code: 66)
    }
    var info = stat()
    guard unsafe fstat(file.fd, &info) == 0 else { throw SystemCallError("fstat", path) }
    size = Int64(info.st_size)
    let head = try RawIO.read(file.fd, 4096, at: 0)
    guard let machine = Self.machine(head) else {
      throw Failure("\(path) is no program for Linux", code: 65)
    }
    self.machine = machine
    guard !Self.needsLinker(head) else {
      throw Failure(
        "\(path) is not static, and would need libraries there; make build makes one that is",
        code: 65)
    }
  }

  /// The processor of an ELF file of 64 bits (elf(5)); nil for anything else.
  static func machine(_ head: [UInt8]) -> String? {
    guard head.count >= 64, head.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1]) else { return nil }
    switch number(head, 18, 2) {
    case 62: return "x86_64"
    case 183: return "aarch64"
    default: return nil
    }
  }

  /// Tells whether a program header names a dynamic linker (PT_INTERP).
  static func needsLinker(_ head: [UInt8]) -> Bool {
    let (start, size, count) = (number(head, 32, 8), number(head, 54, 2), number(head, 56, 2))
    return (0..<count).contains { index in
      let place = start &+ size &* index
      return place >= 0 && place + 4 <= head.count && number(head, place, 4) == 3
    }
  }

  /// A number in little endian order; 0 where there is none.
  private static func number(_ bytes: [UInt8], _ place: Int, _ count: Int) -> Int {
    guard place + count <= bytes.count else { return 0 }
    return bytes[place..<(place + count)].reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}
