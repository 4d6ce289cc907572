/// The place of a user's own data.
package enum DataLocation {
  /// $XDG_DATA_HOME, else ~/.local/share; nil without a home directory.
  package static func user(_ surroundings: UserEnvironment = .current) -> String? {
    surroundings.directory("XDG_DATA_HOME", below: ".local/share")
  }
}
