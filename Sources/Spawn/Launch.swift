internal import Glibc
internal import Linux

/// What to execute and with what: everything else (limits, stdin and every descriptor that is not
/// close-on-exec) the child inherits.
package struct Launch: Sendable {
  /// argv as raw bytes, passed on byte for byte. The first is the command: with a slash it is a path,
  /// without one it is looked up in PATH as execvp(3) does.
  package var arguments: [[UInt8]]
  /// The descriptor that becomes the child's 0; nil: inherited, even when closed. Not one of 0 to 2.
  package var stdin: Int32?
  /// The descriptor that becomes the child's 1; nil: inherited, even when closed.
  package var stdout: Int32?
  /// The descriptor that becomes the child's 2; nil: inherited, even when closed.
  package var stderr: Int32?
  /// `NAME=value` each, as bytes: added to the environment of this process, or in place of its variable of
  /// that name. The command is looked up in the PATH that results.
  package var variables: [[UInt8]] = []
  /// The same, but the child can do without them. Where arguments and environment are too large together they are left
  /// out, the last first; of their names the child then has none.
  package var spareVariables: [[UInt8]] = []
  /// Of whose names the child has none.
  private(set) var removedVariables: [[UInt8]] = []
  package var surroundings = Surroundings()
  /// A terminal whose foreground the child's process group becomes before it executes, so that no read and
  /// no key can come too early. Only for one whose foreground this process has (``ForegroundTerminal``).
  package var terminal: Int32?
  /// The path of a terminal that becomes the child's 0, 1 and 2, and the controlling one of a new session that
  /// the child leads; in place of all the above.
  package var ownTerminal: String?
  /// Signals blocked here (for a signalfd) that the child must not inherit as blocked. The rest of the
  /// calling thread's mask is inherited; the threads of Swift's concurrency pool block nearly everything,
  /// SIGTERM too, so start nothing there without naming all signals here.
  package var unblockedSignals: [Int32]
  /// Signals this process ignores for itself, and that the child must not inherit as ignored. Other
  /// ignored signals stay ignored in the child (nohup).
  package var defaultSignals: [Int32]

  /// The child gets 0, 1 and 2 and no other descriptor.
  package var closesOthers = false

  /// The child stays in this process's group instead of leading one: for a pager, which is stopped and
  /// interrupted together with what it shows.
  package var sharesProcessGroup = false

  package init(
    _ arguments: [[UInt8]], stdout: Int32? = nil, stderr: Int32? = nil, terminal: Int32? = nil,
    unblockedSignals: [Int32] = [], defaultSignals: [Int32] = []
  ) {
    self.arguments = arguments
    self.stdout = stdout
    self.stderr = stderr
    self.terminal = terminal
    self.unblockedSignals = unblockedSignals
    self.defaultSignals = defaultSignals
  }

  /// Starts the child, as a rule in a new process group of its own, and returns once it executes.
  ///
  /// A command that is a relative path, or found through one in PATH, is the one below the child's directory.
  ///
  /// Every candidate that exists is given to the kernel, which alone knows what can be executed. When
  /// none can, the terminal has been taken back by the time the error is thrown. A terminal that cannot
  /// be handed over (it was hung up) does not keep the child from starting.
  ///
  /// SIGCHLD is set to its default here when it was ignored, in this process and so in the child: with it
  /// ignored, exit codes are thrown away by the kernel (wait(2), NOTES).
  package func start() throws(SpawnError) -> Child {
    guard let command = arguments.first else { throw .notFound("") }
    guard !arguments.contains(where: { $0.contains(0) }) else {
      throw .failed(SpawnError.text(command), Errno(EINVAL))
    }
    if Signals.isIgnored(SIGCHLD) { Signals.setDefault(SIGCHLD) }
    do throws(SpawnError) {
      guard !surroundings.areInherited else {
        return Child(pid: try startFirst(command), nicenessRefusal: nil)
      }
      let started = try surroundings.start { [self] () throws(SpawnError) in
        try startFirst(command)
      }
      return Child(pid: started.pid, nicenessRefusal: started.nicenessRefusal)
    } catch {
      // A child that failed to execute had been given the terminal before, and is gone.
      if let terminal, JobControl.isDeserted(terminal) {
        _ = JobControl.setForeground(terminal, getpgrp())
      }
      throw error
    }
  }

  /// execvp(3): a file that cannot be executed does not end the search, but is the answer when nothing
  /// better follows; what may not be executed goes before what could not be.
  private func startFirst(_ command: [UInt8]) throws(SpawnError) -> Int32 {
    var denied: SpawnError?
    var broken: SpawnError?
    let name = Array("PATH=".utf8)
    let searchPath = variables.last { $0.starts(with: name) }.map { Array($0[name.count...]) }
    for path in CommandLookup.candidates(for: command, path: searchPath) {
      do throws(SpawnError) {
        return try start(path)
      } catch {
        switch error {
        case .notFound: continue
        case .notExecutable(_, Errno(EACCES)), .notExecutable(_, Errno(EISDIR)):
          denied = denied ?? error
        case .interpreterMissing, .failed(_, Errno(ESTALE)), .failed(_, Errno(ENODEV)),
          .failed(_, Errno(ETIMEDOUT)):
          broken = broken ?? error
        case .notExecutable, .failed, .directory: throw error
        }
      }
    }
    throw denied ?? broken ?? .notFound(SpawnError.text(command))
  }

  private func start(_ path: [UInt8]) throws(SpawnError) -> Int32 {
    guard CommandLookup.mayExist(path) else { throw .notFound(SpawnError.text(path)) }
    do throws(Errno) {
      return try spawn(path, arguments)
    } catch {
      guard error.code == ENOEXEC, !Interpreter.isBinary(path) else {
        throw SpawnError(executing: path, error)
      }
    }
    // A script without #!.
    let shell = Array("/bin/sh".utf8)
    do throws(Errno) {
      return try spawn(shell, [shell, path] + arguments.dropFirst())
    } catch {
      guard error.code == ENOENT else { throw SpawnError(executing: path, error) }
      throw .interpreterMissing(SpawnError.text(path), SpawnError.text(shell))
    }
  }

  private func spawn(_ path: [UInt8], _ arguments: [[UInt8]]) throws(Errno) -> Int32 {
    var launch = self
    while true {
      do throws(Errno) {
        return try SpawnPlan(launch, terminal: launch.terminal).spawn(path, arguments)
      } catch {
        if error.code == E2BIG, let spare = launch.spareVariables.popLast() {
          launch.removedVariables.append(spare)
          continue
        }
        // tcsetpgrp(3)'s errors: the terminal went away. Those that are the command's come again.
        guard launch.terminal != nil, [EBADF, EINVAL, EIO, ENOTTY, EPERM].contains(error.code)
        else { throw error }
        launch.terminal = nil
      }
    }
  }
}
