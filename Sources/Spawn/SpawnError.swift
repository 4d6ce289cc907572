internal import Glibc
package import Linux

/// The reason why a command could not be executed. The command is text for people: invalid UTF-8 in it is U+FFFD.
package enum SpawnError: Error, Equatable, Sendable, CustomStringConvertible {
  /// No such file, nor one of that name in PATH.
  case notFound(_ command: String)
  /// The file is there and executable, but what its `#!` line or its ELF header asks for is not. The
  /// interpreter is "" when the file cannot be read.
  case interpreterMissing(_ command: String, _ interpreter: String)
  /// The file is there and the kernel will not execute it (EACCES, EISDIR, ENOEXEC, ...).
  case notExecutable(_ command: String, Errno)
  /// It could not be started for a reason that is not the file's (E2BIG, ENOMEM, ...).
  case failed(_ command: String, Errno)
  /// There was no process to execute it.
  case noProcess(_ command: String, ProcessRefusal)
  /// The directory to start it in cannot be entered.
  case directory(_ path: String, Errno)

  /// The code that shells and env(1) exit with: 127 for what is missing, 126 for what could not be executed, 125 where
  /// it was not even tried.
  package var exitCode: Int32 {
    switch self {
    case .notFound, .interpreterMissing: 127
    case .notExecutable, .failed, .noProcess: 126
    case .directory: 125
    }
  }

  /// True when it may go better a moment later: a file that is being written, too many processes, no memory. A command
  /// that does not exist or may not be executed stays so.
  package var mayPass: Bool {
    switch self {
    case .notFound, .interpreterMissing: false
    case .notExecutable(_, let errno): errno.code == ETXTBSY
    case .failed(_, let errno): errno.code != E2BIG && errno.code != EINVAL
    case .noProcess: true
    case .directory(_, let errno):
      ![ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG].contains(errno.code)
    }
  }

  /// One line: what, why, and what to do about it where that is known.
  package var description: String {
    switch self {
    case .notFound(let command):
      let name = Self.oneLine(command)
      guard !command.isEmpty else { return "command \"\" not found: its name is empty" }
      guard !command.utf8.contains(UInt8(ascii: "/")) else { return "\(name): no such file" }
      return "\(name): command not found; give its path, or add its directory to PATH"
    case .interpreterMissing(let command, let interpreter):
      return "\(Self.oneLine(command)): " + Self.missing(interpreter)
    case .notExecutable(let command, let errno):
      return "\(Self.oneLine(command)): cannot be executed: " + Self.reason(errno)
    case .failed(let command, let errno):
      return "\(Self.oneLine(command)): cannot be started: " + Self.reason(errno)
    case .noProcess(let command, let refusal):
      return "\(Self.oneLine(command)): cannot be started: \(refusal)"
    case .directory(let path, let errno):
      return "directory \(Self.oneLine(path)): \(errno.message); the command was not started"
    }
  }

  /// The same about a command under another name.
  package func naming(_ change: (String) -> String) -> SpawnError {
    switch self {
    case .notFound(let command): .notFound(change(command))
    case .interpreterMissing(let command, let interpreter):
      .interpreterMissing(change(command), interpreter)
    case .notExecutable(let command, let errno): .notExecutable(change(command), errno)
    case .failed(let command, let errno): .failed(change(command), errno)
    case .noProcess(let command, let refusal): .noProcess(change(command), refusal)
    case .directory: self
    }
  }

  /// Interprets the kernel's answer to executing a file that was found.
  /// - Parameters:
  ///   - name: what it was asked for by: of what is no fault of the file's no file found in PATH is blamed.
  ///   - place: its path as seen from here.
  init(executing path: [UInt8], of name: String, at place: [UInt8], _ errno: Errno) {
    let command = Self.text(path)
    switch errno.code {
    case E2BIG, EAGAIN, ENOMEM, EMFILE, ENFILE: self = .failed(name, errno)
    case ENOENT, ENOTDIR:
      guard CommandLookup.exists(place) else {
        self = .notFound(command)
        return
      }
      let interpreter = Interpreter.missing(for: place).map(Self.text) ?? ""
      self = .interpreterMissing(command, interpreter)
    case EACCES where CommandLookup.isDirectory(place):
      self = .notExecutable(command, Errno(EISDIR))
    case EACCES, EPERM, EISDIR, ENOEXEC, ELIBBAD, EINVAL, ELOOP, ETXTBSY, ENAMETOOLONG:
      self = .notExecutable(command, errno)
    default:
      self = .failed(command, errno)
    }
  }

  static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  private static func missing(_ interpreter: String) -> String {
    guard !interpreter.isEmpty else { return "its interpreter does not exist" }
    guard interpreter.unicodeScalars.last == "\r" else {
      let name = oneLine(interpreter)
      return "its interpreter \(name) does not exist; install it, or name another"
    }
    let name = oneLine(String(interpreter.unicodeScalars.dropLast()))
    return "its interpreter \(name) is followed by a carriage return; "
      + "save the file with Unix line ends"
  }

  private static func reason(_ errno: Errno) -> String {
    guard let remedy = remedy(errno.code) else { return errno.message }
    return "\(errno.message); \(remedy)"
  }

  private static func remedy(_ code: Int32) -> String? {
    switch code {
    case EACCES:
      "it, its interpreter and the directories above need the x permission (chmod +x), "
        + "and a file system mounted without noexec"
    case EISDIR: "name a file in it"
    case ENOEXEC: "it is damaged, or a program for another kind of machine"
    case ETXTBSY: "somebody is writing the file; try again when that is done"
    case E2BIG: "arguments and environment are too large together; pass them in a file or on stdin"
    case EAGAIN: "the limit of processes is reached (ulimit -u, or the pids limit of the cgroup)"
    case EMFILE: "the limit of open files is reached (ulimit -n)"
    case ENFILE: "the whole system's limit of open files is reached (sysctl fs.file-max)"
    case ENOMEM: "end something, or allow more (ulimit -v, memory.max of the cgroup)"
    case ELOOP:
      "a symbolic link in its path leads back to itself, or its interpreter is a script whose interpreter is one again"
    case ENAMETOOLONG: "give a shorter path, for instance from the directory that it is in"
    case EINVAL: "an argument contains a NUL byte, or the program is damaged"
    default: nil
    }
  }

  /// Control characters would break the line, or do worse on a terminal.
  private static func oneLine(_ text: String) -> String { EscapedText.of(text) }
}
