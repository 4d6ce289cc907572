import Glibc
import Linux
import TestSupport
import Testing

/// What the job finds behind its descriptors.
@Suite(.temporaryDirectory) struct ExecDescriptorTests {
  /// As another user, through the name that the system has for one's own stdout.
  private static let other = "setpriv --reuid=64112 --clear-groups sh -c"

  @Test(
    .enabled(if: TestHost.isRoot, "needs another user"),
    arguments: [
      (">/dev/null", "stdout", true), (">/dev/null 2>&1", "stderr", true),
      (">public", "stdout", true), (">private", "stdout", false), ("| cat", "stdout", false),
    ])
  func `/dev/stdout is open to whom it would be without taro`(
    place: String, stream: String, isOpen: Bool
  ) throws {
    let taro = try TaroProgram()
    let script = """
      touch public private; chmod 622 public; chmod 600 private
      \(Self.other) 'echo x 2>/dev/null >/dev/\(stream)' 2>/dev/null \(place)
      """
    // A shell ends with 2 where it may not open.
    let without = try taro.shell("{ \(script); echo $? >code; }").code
    let codeWithout = try Files.text("\(taro.work)/code")
    let with = try taro.shell(
      """
      touch public private; chmod 622 public; chmod 600 private
      { "$TARO" exec --id a \(Self.other) 'echo x 2>/dev/null >/dev/\(stream)' 2>/dev/null; \
      echo $? >code; } \(place)
      """)
    #expect(without == with.code)
    let code = try Files.text("\(taro.work)/code")
    #expect((code == "0\n") == isOpen, "\(place): \(code), without taro \(codeWithout)")
  }

  @Test(.enabled(if: TestHost.isRoot, "needs another user"))
  func `who may write there may not read what the job has written`() throws {
    let taro = try TaroProgram()
    try taro.shell("\"$TARO\" exec \(Self.other) 'cat /dev/stdout' 2>/dev/null >/dev/null")
      .expect(code: 1)
  }

  @Test func `a pipe has four times the usual room once the job fills it`() throws {
    let taro = try TaroProgram()
    // Filled while taro is stopped: how fast each of them is does not count.
    let script = """
      use Fcntl;
      kill STOP => getppid;
      do { open F, "<", "/proc/" . getppid . "/stat" } until <F> =~ /\\) T /;
      fcntl STDOUT, F_SETFL, O_WRONLY | O_NONBLOCK;
      1 while syswrite STDOUT, "x" x 4096;
      kill CONT => getppid;
      select undef, undef, undef, 0.005 until fcntl(STDOUT, 1032, 0) > 65536;
      print STDERR fcntl(STDOUT, 1032, 0);
      """
    try taro.run("exec", "perl", "-e", script) { $0.stdout = .file("/dev/null") }
      .expect(code: 0, stderr: "262144")
    try taro.run("exec", "perl", "-e", "print STDERR fcntl(STDOUT, 1032, 0)")
      .expect(code: 0, stderr: "65536")
  }

  @Test(.enabled(if: TestHost.othersCanExecute, "needs another user"))
  func `a pipe does not grow where that would leave others of its user none`() throws {
    let taro = try TaroProgram()
    let user = try OtherUser(taro, id: 64_113)
    // 62 of the 64 MiB that a user has by default are taken; jobs print; then a new pipe has its usual room still.
    let script = """
      open F, "/proc/sys/fs/pipe-user-pages-soft"; $soft = <F>;
      for (1..$soft / 256 - 2) { pipe $r, $w or die; push @held, $r, $w; fcntl $w, 1031, 1 << 20 or die $! }
      $job = 'head -c 2000000 /dev/zero; echo >&2; read x';
      for (1..5) { pipe $r, $stdin; push @stdins, $stdin; pipe my $stderr, $e;
        if (!fork) { open STDIN, "<&", $r; open STDERR, ">&", $e; open STDOUT, ">/dev/null";
          close $stdin; exec $ENV{TARO}, "exec", "--id", $_, "sh", "-c", $job }
        close $e; <$stderr> }
      pipe $r, $w; print fcntl($w, 1032, 0);
      # Nobody records anything any more when the test's files go.
      close $_ for @stdins; 1 while wait > 0;
      """
    try taro.shell("exec perl -e \"$SCRIPT\"") {
      $0.environment["SCRIPT"] = script
      $0.wrapper = user.wrapper
    }.expect(code: 0, stdout: "65536")
  }
}
