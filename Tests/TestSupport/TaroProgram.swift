internal import Events
internal import Glibc
package import Ledger
internal import Linux
internal import Spawn

/// The built `taro`, with a ledger, a home and a working directory of its own, and an environment without anything of
/// the test's.
///
///     @Test(.temporaryDirectory) func `a sentence`() throws {
///       let taro = try TaroProgram()
///       try taro.run("exec", "--id", "a", "true").expect(code: 0)
///     }
package struct TaroProgram: Sendable {
  package enum Input: Sendable {
    case file(String)
    /// The process's `write` and `closeInput` feed it.
    case pipe
    /// The test's own descriptor; it stays open there.
    case descriptor(Int32)
    case closed

    package static let null = Input.file("/dev/null")
  }

  package enum Output: Sendable {
    case pipe
    case file(String)
    /// The test's own descriptor; it stays open there.
    case descriptor(Int32)
    /// For stderr: what stdout is.
    case sameAsStdout
    case closed
  }

  /// How a process is started.
  package struct Setup: Sendable {
    package var stdin = Input.null
    package var stdout = Output.pipe
    package var stderr = Output.pipe
    /// Shell code that is run in the process before it becomes taro: "umask 027", "ulimit -c 0".
    package var preparation = ""
    /// Programs in front that execute their arguments: `["setpriv", "--reuid=1"]`.
    package var wrapper: [String] = []
    /// More variables, or other values.
    package var environment: [String: String] = [:]
    package var directory: String?
    /// For what is about taro's own choice of a place: the process sees an empty /var/lib, /run and (unless the test's files are there) /tmp of its own. Without it a
    /// process whose environment names no ledger is not started: it could write the machine's.
    package var hasPrivateMachine = false
    /// Seconds from the start; a process that is there for longer is killed, and the test fails.
    package var deadline: Int64 = 120

    package init() {}
  }

  /// What all is in.
  package let root: String
  package let ledger: LedgerDirectory
  /// The working directory.
  package let work: String
  /// XDG_RUNTIME_DIR: runs that cannot reach their ledger are kept there.
  package let runtime: String
  package let environment: [String: String]
  package let path: String

  /// In the running test's ``TemporaryDirectory``.
  /// - Parameter name: of a directory in it, for a test that needs several.
  package init(_ name: String = "taro") throws {
    root = "\(TemporaryDirectory.path)/\(name)"
    work = "\(root)/work"
    ledger = LedgerDirectory("\(root)/ledger")
    let home = "\(root)/home"
    runtime = "\(root)/runtime"
    for (directory, mode) in [(root, 0o755), (work, 0o755), (home, 0o755), (runtime, 0o700)] {
      guard mkdir(directory, mode_t(mode)) == 0 else { throw SystemCallError("mkdir", directory) }
    }
    environment = [
      "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": home, "TARO_LEDGER": ledger.path,
      "XDG_RUNTIME_DIR": runtime,
    ]
    path = try BuiltProgram.path("taro")
  }

  /// Runs to the end.
  package func run(
    _ arguments: String..., change: (inout Setup) -> Void = { _ in }
  ) throws -> TaroResult {
    try start(bytes: arguments.map { Array($0.utf8) }, change: change).finish()
  }

  package func start(
    _ arguments: String..., change: (inout Setup) -> Void = { _ in }
  ) throws -> TaroProcess {
    try start(bytes: arguments.map { Array($0.utf8) }, change: change)
  }

  package func start(
    bytes arguments: [[UInt8]], change: (inout Setup) -> Void = { _ in }
  ) throws -> TaroProcess {
    let name = (["taro"] + arguments.map { String(decoding: $0, as: UTF8.self) })
      .joined(separator: " ")
    return try start([Array(path.utf8)] + arguments, name, change)
  }

  /// Runs a shell script to its end, with "$TARO" for the program: for what is about pipelines.
  package func shell(
    _ script: String, change: (inout Setup) -> Void = { _ in }
  ) throws -> TaroResult {
    try startShell(script, change: change).finish()
  }

  package func startShell(
    _ script: String, _ arguments: [String] = [], change: (inout Setup) -> Void = { _ in }
  ) throws -> TaroProcess {
    let words = ["/bin/sh", "-c", script, "sh"] + arguments
    return try start(words.map { Array($0.utf8) }, script) { setup in
      setup.environment["TARO"] = path
      change(&setup)
    }
  }

  /// Another of the programs, with the same ledger, home and environment.
  package func start(
    program: String, _ arguments: [String], change: (inout Setup) -> Void
  ) throws -> TaroProcess {
    let words = [try BuiltProgram.path(program)] + arguments
    let name = ([program] + arguments).joined(separator: " ")
    return try start(words.map { Array($0.utf8) }, name, change)
  }

  private func start(
    _ words: [[UInt8]], _ name: String, _ change: (inout Setup) -> Void
  ) throws -> TaroProcess {
    var setup = Setup()
    change(&setup)
    guard setup.hasPrivateMachine || environment(of: setup)["TARO_LEDGER"] != "" else {
      throw TaroProcess.Disappointment(
        description: "\(name): no ledger is named, so the machine's own could be written; "
          + "name one, or set hasPrivateMachine")
    }
    let stdin = try TaroStdin(setup.stdin)
    let stdout = try TaroStream(setup.stdout)
    let stderr =
      if case .sameAsStdout = setup.stderr { stdout } else { try TaroStream(setup.stderr) }
    var launch = Launch(
      prefix(setup) + words, stdout: stdout.forChild, stderr: stderr.forChild,
      defaultSignals: Array(1...64))
    launch.signalMask = []
    launch.stdin = stdin.forChild
    return TaroProcess(
      try launch.start(), name, stdin, stdout, stderr,
      deadline: .now + setup.deadline * 1_000_000)
  }

  /// In a mount namespace of its own, which is gone with the process.
  private static let privateMachine = [
    "unshare", "-m", "sh", "-c",
    """
    mount -t tmpfs -o mode=755 none /var/lib && mount -t tmpfs -o mode=755 none /run || exit
    case "$PWD" in /tmp/*) ;; *) mount -t tmpfs -o mode=1777 none /tmp || exit ;; esac
    exec "$@"
    """, "sh",
  ]

  private func environment(of setup: Setup) -> [String: String] {
    environment.merging(setup.environment) { $1 }
  }

  /// What becomes taro: env(1) for the environment and the directory, a shell for what only it can do.
  private func prefix(_ setup: Setup) -> [[UInt8]] {
    let variables = environment(of: setup).map { "\($0)=\($1)" }
    var words = ["/usr/bin/env", "-i", "-C", setup.directory ?? work] + variables.sorted()
    var script = setup.preparation
    var redirections = ""
    if case .closed = setup.stdin { redirections += " 0<&-" }
    if case .closed = setup.stdout { redirections += " 1>&-" }
    if case .closed = setup.stderr { redirections += " 2>&-" }
    if !script.isEmpty || !redirections.isEmpty {
      script += "\nexec \"$@\"\(redirections)"
      words += ["/bin/sh", "-c", script, "sh"]
    }
    if setup.hasPrivateMachine, geteuid() == 0 { words += Self.privateMachine }
    return (words + setup.wrapper).map { Array($0.utf8) }
  }
}
