internal import Glibc
internal import Spawn

/// What the machine lets a test do: for `.enabled(if:)`, so that what was not tested is said.
package enum TestHost {
  package static let isRoot = geteuid() == 0

  /// Mount namespaces of one's own.
  package static let canMount =
    isRoot && succeeds("/bin/sh", "-c", "unshare -m mount -t tmpfs none /mnt 2>/dev/null")

  /// Pid namespaces of one's own, as containers have them.
  package static let canHavePidNamespaces =
    isRoot && succeeds("/usr/bin/env", "unshare", "--pid", "--mount-proc", "--fork", "true")

  /// Other users can execute the programs under test: root's home, say, may be in the way.
  package static let othersCanExecute =
    isRoot
    && ((try? BuiltProgram.path("taro")).map {
      succeeds("/usr/bin/setpriv", "--reuid=65534", "--clear-groups", $0, "--version")
    } ?? false)

  package static let hasOpenSSL = succeeds("/usr/bin/openssl", "version")

  /// As Tests/unpacked.sh unpacks it.
  package static let nginx = Repository.path(".build/nginx/usr/sbin/nginx")
  package static let hasNginx = succeeds(nginx, "-v")

  /// The directory of an sshd and what it links to, from there too.
  package static let sshServer = Repository.path(".build/openssh-server")
  package static let hasSSHServer = access("\(sshServer)/usr/sbin/sshd", X_OK) == 0

  package static let hasSystemdAnalyze = succeeds("/usr/bin/systemd-analyze", "--version")

  package static let hasCurl = succeeds("/usr/bin/env", "curl", "--version")

  package static let hasPython = succeeds("/usr/bin/env", "python3", "-c", "import venv")

  private static func succeeds(_ command: String...) -> Bool {
    var launch = Launch(
      ["/bin/sh", "-c", "exec \"$@\" >/dev/null 2>&1", "sh"].map { Array($0.utf8) })
    launch.arguments += command.map { Array($0.utf8) }
    launch.unblockedSignals = Array(1..<32)
    guard var child = try? launch.start() else { return false }
    return child.waitUntilEnd().exitCode == 0
  }
}
