internal import CLinux
internal import Glibc
package import Linux

/// This process, split into one that goes on in the background and one that waits until it is no longer needed.
///
/// A copy, and not the program started anew: the copy has the same words, variables, directory and limits, as raw as
/// they came, and the start is paid once.
package enum BackgroundProcess: ~Copyable {
  /// This is the one in the background: in a session of its own, where no terminal reaches it; stdin and stdout
  /// are /dev/null, or do as that does, and what else was inherited is closed, so that nobody who holds the other end waits for it.
  /// Stderr is the caller's still, for what goes wrong before ``Caller/release()``.
  case background(Caller)
  /// This is the one that was called.
  case foreground(Background)

  /// Splits this process, which must have no second thread, and nothing open that the one in the background needs.
  package static func split() throws(SystemCallError) -> BackgroundProcess {
    let input = try Descriptor.empty()
    let output = try Descriptor.discarding()
    let pipe = try Descriptor.pipe()
    // Ignored, as a parent may have left it, it would take the other's exit code away.
    Signals.setDefault(SIGCHLD)
    let pid = clinux_fork()
    guard pid >= 0 else { throw SystemCallError("fork") }
    guard pid == 0 else {
      OwnChildren.add(pid)
      let end = Self.readEnd(of: pipe)
      return .foreground(Background(child: Child(pid: pid, nicenessRefusal: nil), reports: end))
    }
    setsid()
    dup2(input.fd, 0)
    dup2(output.fd, 1)
    return .background(Caller(waiting: Self.writeEnd(of: pipe), keepingOnly: input, output))
  }

  private static func readEnd(of pipe: consuming Descriptor.Pipe) -> Descriptor { pipe.read }
  private static func writeEnd(of pipe: consuming Descriptor.Pipe) -> Descriptor { pipe.write }

  /// Whoever called, as the one in the background sees it.
  package struct Caller: ~Copyable {
    private var waiting: Descriptor

    fileprivate init(
      waiting: consuming Descriptor, keepingOnly input: consuming Descriptor,
      _ output: consuming Descriptor
    ) {
      // Before their numbers are closed, and can be another's.
      _ = consume input
      _ = consume output
      clinux_close_all_but(waiting.fd)
      self.waiting = waiting
    }

    /// Lets the caller go on, and leaves its stderr.
    package consuming func release() {
      if let output = try? Descriptor.discarding() { dup2(output.fd, 2) }
      try? RawIO.writeAll(waiting.fd, "\n")
    }
  }

  /// The one in the background, as the caller sees it.
  package struct Background: ~Copyable {
    private var child: Child
    private let reports: Descriptor

    fileprivate init(child: consuming Child, reports: consuming Descriptor) {
      self.child = child
      self.reports = reports
    }

    /// Waits until this process is released. The exit code of the other one, if that has ended instead.
    package mutating func wait() -> Int32? {
      var byte: UInt8 = 0
      let transfer = unsafe withUnsafeMutableBytes(of: &byte) {
        unsafe RawIO.read(reports.fd, into: $0)
      }
      if case .bytes = transfer { return nil }
      return child.waitUntilEnd().exitCode
    }
  }
}
