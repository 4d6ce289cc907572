import TestSupport
import Testing

/// The pages of the documentation lead to each other.
@Suite struct DocumentLinksTests {
  private static let pages =
    ["README.md", "CONTRIBUTING.md"]
    + Files.names(in: Repository.path("docs"))
    .filter { $0.hasSuffix(".md") }.map { "docs/\($0)" }

  /// The names by which headings of a page are linked to.
  private func anchors(_ page: String) throws -> Set<String> {
    let headings = try Files.lines(page).filter { $0.hasPrefix("#") }
    return Set(
      headings.map { heading in
        let words = heading.drop { $0 == "#" }.dropFirst().lowercased()
        return String(
          words.map { $0 == " " ? "-" : $0 }.filter {
            $0.isLetter || $0.isNumber || "-_".contains($0)
          })
      })
  }

  @Test(arguments: pages) func `every link of a page leads somewhere`(page: String) throws {
    let path = Repository.path(page)
    let folder = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
    for match in try Files.text(path).matches(of: /\]\(([^)\s]+)\)/) {
      let link = String(match.1)
      guard !link.contains("://") else { continue }
      let parts = link.split(separator: "#", omittingEmptySubsequences: false).map(String.init)
      let file = try parts.at(0)
      let target = file.isEmpty ? path : "\(folder)/\(file)"
      #expect(Files.exists(target), "\(page): \(link)")
      if parts.count > 1, target.hasSuffix(".md") {
        try #expect(anchors(target).contains(parts.at(1)), "\(page): \(link)")
      }
    }
  }
}
