internal import Glibc
package import Linux

/// A launch: what to execute and with what. Everything else (stdin, every descriptor that is not close-on-exec, and the
/// limits that this process was started with) the child inherits.
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
  /// Names that the child's environment does not have.
  private(set) var removedVariables: [[UInt8]] = []
  package var attributes = ChildAttributes()
  /// A terminal whose foreground the child's process group becomes before it executes, so that no read and
  /// no key can come too early. Only for one whose foreground this process has (``ForegroundTerminal``).
  package var terminal: Int32?
  /// The path of a terminal that becomes the child's 0, 1 and 2, and the controlling one of a new session that
  /// the child leads; in place of all the above.
  package var ownTerminal: String?
  /// The signals that are blocked in the child; nil: those of the calling thread without `unblockedSignals`.
  package var signalMask: SignalSet?
  /// Signals blocked here (for a signalfd) that the child must not inherit as blocked. The threads of Swift's
  /// concurrency pool block nearly everything, SIGTERM too, so start nothing there without naming all signals here.
  package var unblockedSignals: [Int32]
  /// Signals that the child gets with their default disposition whatever this process was started with. What this process
  /// has changed for itself comes back in any case; other ignored signals stay ignored in the child (nohup).
  package var defaultSignals: [Int32]

  /// The child gets 0, 1 and 2 and no other descriptor.
  package var closesOthers = false

  /// The kernel sends SIGKILL to the child when the thread that starts it ends, and so with this process
  /// (PR_SET_PDEATHSIG): start it from the first thread. Not to one that gets other rights when it executes (setuid).
  package var diesWithParent = false

  /// The child is what the caller has wanted to start: variables of systemd that name this process by its pid
  /// (`LISTEN_PID` and the like) name the child.
  package var standsForCaller = false

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
  /// SIGCHLD is set to its default here when it was ignored: with it ignored, exit codes are thrown away by the kernel
  /// (wait(2), NOTES). The child gets it as it was.
  package func start() throws(SpawnError) -> Child {
    guard let command = arguments.first else { throw .notFound("") }
    guard !arguments.contains(where: { $0.contains(0) }) else {
      throw .failed(SpawnError.text(command), Errno(EINVAL))
    }
    if let directory = attributes.directory,
      let errno = CommandLookup.refusal(ofDirectory: directory)
    {
      throw .directory(SpawnError.text(directory), errno)
    }
    // Only then: the kernel forgets a pending signal whose default is to be ignored when its action is set (sigaction(2),
    // POSIX), and another thread may wait for one that tells of its own child.
    if Signals.isIgnored(SIGCHLD) { Signals.setDefault(SIGCHLD) }
    do throws(SpawnError) { return try startFirst(command) } catch {
      // A child that failed to execute had been given the terminal before, and is gone.
      if let terminal, JobControl.isDeserted(terminal) {
        _ = JobControl.setForeground(terminal, getpgrp())
      }
      throw error
    }
  }

  /// execvp(3): a file that cannot be executed does not end the search, but is the answer when nothing
  /// better follows; what may not be executed goes before what could not be.
  private func startFirst(_ command: [UInt8]) throws(SpawnError) -> Child {
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
        case .notExecutable, .failed, .noProcess, .directory: throw error
        }
      }
    }
    throw denied ?? broken ?? .notFound(SpawnError.text(command))
  }

  private func start(_ path: [UInt8]) throws(SpawnError) -> Child {
    let place = attributes.path(path)
    guard CommandLookup.mayExist(place) else { throw .notFound(SpawnError.text(path)) }
    do throws(SpawnPlan.Failure) {
      return try spawn(path, arguments)
    } catch {
      guard case .executing(let errno) = error, errno.code == ENOEXEC, !Interpreter.isBinary(place)
      else { throw told(error, path, at: place) }
    }
    // A script without #!.
    let shell = Array("/bin/sh".utf8)
    do throws(SpawnPlan.Failure) {
      return try spawn(shell, [shell, path] + arguments.dropFirst())
    } catch { throw told(error, shell, at: shell) }
  }

  private func told(
    _ failure: SpawnPlan.Failure, _ path: [UInt8], at place: [UInt8]
  ) -> SpawnError {
    let command = SpawnError.text(arguments.first ?? path)
    return switch failure {
    case .executing(let errno): SpawnError(executing: path, of: command, at: place, errno)
    case .directory(let errno): .directory(SpawnError.text(attributes.directory ?? []), errno)
    case .terminal(let errno), .preparing(let errno): .failed(command, errno)
    case .forking(let errno): .noProcess(command, ProcessRefusal(errno))
    }
  }

  private func spawn(_ path: [UInt8], _ arguments: [[UInt8]]) throws(SpawnPlan.Failure) -> Child {
    var launch = self
    while true {
      do throws(SpawnPlan.Failure) {
        var plan = SpawnPlan(launch)
        let pid = try plan.spawn(path, arguments)
        return Child(pid: pid, nicenessRefusal: plan.nicenessRefusal)
      } catch {
        switch error {
        case .executing(Errno(E2BIG)):
          guard let spare = launch.spareVariables.popLast() else { throw error }
          launch.removedVariables.append(spare)
        // It went away.
        case .terminal: launch.terminal = nil
        case .executing, .directory, .preparing, .forking: throw error
        }
      }
    }
  }
}
