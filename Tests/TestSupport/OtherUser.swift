internal import Glibc
internal import Testing

/// A user without rights whom a test's directories belong to for a while; the test's own user when that is not root.
package struct OtherUser {
  /// What a program is started with as that user.
  package let wrapper: [String]
  private let taro: TaroProgram

  /// - Parameter id: one of this test alone, where limits count all processes of a user.
  package init(_ taro: TaroProgram, id: Int = 54_321) throws {
    self.taro = taro
    guard TestHost.isRoot else {
      wrapper = []
      return
    }
    guard TestHost.othersCanExecute else {
      try Test.cancel("the program is where only root can execute it")
    }
    wrapper = ["setpriv", "--reuid=\(id)", "--regid=\(id)", "--clear-groups"]
    chmod(TemporaryDirectory.path, 0o755)
    try give(to: "\(id):\(id)")
  }

  /// Gives all back: only whom it belongs to reads a ledger.
  package func leave() throws {
    if TestHost.isRoot { try give(to: "0:0") }
  }

  private func give(to owner: String) throws {
    try taro.shell("chown -R \(owner) '\(taro.root)'").expect(code: 0, stderr: "")
  }
}
