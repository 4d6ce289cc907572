package import Ledger
package import Settings

extension LedgerDirectory {
  /// The directory that an option, the environment or a configuration names (`LedgerLocation`).
  /// - Parameters:
  ///   - option: the value of `--ledger`.
  ///   - configured: `ledger.directory`.
  ///   - fileSystem: `ledger.file_system`.
  package init(
    option: String?, configured: String?, fileSystem: LedgerFileSystem
  ) throws(SettingError) {
    let location = try LedgerLocation.resolve(option: option, configured: configured)
    self.init(location.path)
    isOfHomeless = location.isOfHomeless
    isLocal = fileSystem == .local
  }
}
