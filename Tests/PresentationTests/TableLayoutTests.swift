import Testing

@testable import Presentation

private struct Run: Sendable {
  var job = "backup-of-the-home-directories"
  var created = "2026-11-22 14:30:05.815"
  var ended = "2026-11-22 14:31:05.815"
  var state = "DEPENDENCY_NOT_RUNNING"
  var warnings = ""
  var result = "exit code 3: no space left on the device, or so it seems"
}

private let columns: [TableColumn<Run>] = [
  TableColumn("JOB ID", maximumWidth: 30, enough: 16, value: \.job),
  TableColumn(
    "CREATED", maximumWidth: 25, enough: .max, worth: 3,
    shorter: [{ String($0.created.prefix(19)) }, { String($0.created.dropFirst(11).prefix(8)) }],
    value: \.created),
  TableColumn("ENDED", maximumWidth: 25, enough: .max, worth: 1, value: \.ended),
  TableColumn("STATE", maximumWidth: 24, enough: .max, value: \.state),
  TableColumn("WARNINGS", maximumWidth: 40, enough: 16, worth: 2, value: \.warnings),
  TableColumn("RESULT", maximumWidth: 50, enough: 20, value: \.result),
]

private func lines(_ width: Int?, _ rows: [Run] = [Run()]) -> [String] {
  Table.text(rows, columns, terminalColumns: width).text.split(separator: "\n").map(String.init)
}

@Suite("A table in a narrow terminal")
struct TableLayoutTests {
  @Test func `is whole where there is room, or no terminal`() {
    #expect(
      lines(nil).first
        == " JOB ID                           CREATED                   ENDED                     STATE      "
        + "              WARNINGS   RESULT")
    #expect(lines(200).first?.contains("WARNINGS") == true)
  }

  @Test func `goes first without columns in which nothing stands`() {
    #expect(lines(160).first?.contains("ENDED") == true)
    #expect(lines(160).first?.contains("WARNINGS") == false)
    #expect(lines(160).last?.contains("14:30:05.815") == true)
    #expect(lines(160, [Run(), Run(warnings: "slow")]).first?.contains("WARNINGS") == true)
  }

  @Test func `then takes shorter forms`() {
    #expect(lines(155).first?.contains("ENDED") == true)
    #expect(lines(155).last?.contains(" 2026-11-22 14:30:05  ") == true)
    #expect(lines(150).first?.contains("ENDED") == true)
    #expect(lines(150).last?.contains("  14:30:05  ") == true)
  }

  @Test func `then leaves out what is of least worth, and cuts no state`() {
    #expect(
      lines(80) == [
        " JOB ID                CREATED    STATE                    RESULT",
        "--------------------- ---------- ------------------------ ----------------------",
        " backup-of-the-hom..   14:30:05   DEPENDENCY_NOT_RUNNING   exit code 3: no sp..",
      ])
    #expect(
      lines(70) == [
        " JOB ID                 STATE                    RESULT",
        "---------------------- ------------------------ ----------------------",
        " backup-of-the-home..   DEPENDENCY_NOT_RUNNING   exit code 3: no sp..",
      ])
  }

  @Test(arguments: 50...250)
  func `fits into every width, and cuts nothing to less than is enough`(width: Int) {
    let rows = [Run(), Run(job: "a", state: "COMPLETED", warnings: "silent for 10 m", result: "")]
    let text = lines(width, rows)
    for line in text { #expect(DisplayWidth.of(line) <= width, "\(line)") }
    #expect(text.first?.contains("RESULT") == true)
    guard width >= 66 else { return }
    #expect(text.dropFirst(2).first?.contains("backup-of-the-") == true)
    #expect(text.dropFirst(2).first?.contains("DEPENDENCY_NOT_RUNNING   ") == true)
    #expect(text.dropFirst(2).first?.contains("   exit code 3: no") == true)
  }

  @Test func `columns have names as a person types them`() {
    #expect(columns.map(\.key) == ["job", "created", "ended", "state", "warnings", "result"])
  }
}
