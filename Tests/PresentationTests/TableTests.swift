import Testing

@testable import Presentation

private struct Job: Sendable {
  var id: String
  var state: String
  var tone = StateTone.completed
  var status = ""
}

private let columns: [TableColumn<Job>] = [
  TableColumn("JOB ID", maximumWidth: 30, tone: { _ in .jobID }, value: \.id),
  TableColumn("STATE", maximumWidth: 24, tone: { .state($0.tone) }, value: \.state),
  TableColumn("STATUS", maximumWidth: 20, value: \.status),
]

private func text(
  _ rows: [Job], terminal: Int? = nil, palette: Palette = .plain
) -> String {
  Table.text(
    rows, columns, terminalColumns: terminal, palette: palette, rowTone: { $0.tone }
  ).text
}

/// Lines without escape sequences.
private func uncolored(_ text: String) -> String {
  text.replacing(#/\u{1b}\[[0-9;]*m/#, with: "")
}

@Suite("A table")
struct TableTests {
  @Test func `is as wide as its titles and values`() {
    #expect(
      text([
        Job(id: "backup", state: "COMPLETED", status: "done"),
        Job(id: "a very small job", state: "RUNNING"),
      ]) == """
         JOB ID             STATE       STATUS
        ------------------ ----------- --------
         backup             COMPLETED   done
         a very small job   RUNNING

        """)
  }

  @Test func `without rows is its header`() {
    #expect(
      text([]) == """
         JOB ID   STATE   STATUS
        -------- ------- --------

        """)
  }

  @Test func `has whole values without a terminal, and where the terminal has room for them`() {
    let rows = [
      Job(
        id: "a job with an id of more than 30 columns", state: "RUNNING",
        status: "a status line of more than 20 columns")
    ]
    #expect(
      text(rows) == """
         JOB ID                                     STATE     STATUS
        ------------------------------------------ --------- --------------------
         a job with an id of more than 30 columns   RUNNING   a status line of more than 20 columns

        """)
    #expect(
      text(rows, terminal: 73) == """
         JOB ID                                     STATE     STATUS
        ------------------------------------------ --------- --------------------
         a job with an id of more than 30 columns   RUNNING   a status line of..

        """)
    #expect(
      text(rows, terminal: 72) == """
         JOB ID                         STATE     STATUS
        ------------------------------ --------- -------------------------------
         a job with an id of more t..   RUNNING   a status line of more than ..

        """)
  }

  @Test func `is aligned with characters of any width`() {
    #expect(
      text([
        Job(id: "日本語のジョブ", state: "RUNNING", status: "😀"),
        Job(id: "cafe\u{301}", state: "FAILED", status: "👩‍👩‍👧‍👦 x"),
        Job(id: "日本語のとても長い名前のジョブです", state: "RUNNING", status: "y"),
      ]) == """
         JOB ID                               STATE     STATUS
        ------------------------------------ --------- --------
         日本語のジョブ                       RUNNING   😀
         cafe\u{301}                                 FAILED    👩‍👩‍👧‍👦 x
         日本語のとても長い名前のジョブです   RUNNING   y

        """)
  }

  @Test func `shows no control character of a value`() {
    #expect(
      text([Job(id: "a\u{1b}[2J\nb", state: "RUNNING", status: "\r  ")]) == """
         JOB ID          STATE     STATUS
        --------------- --------- --------
         a\\u{1b}[2J\\nb   RUNNING   \\r

        """)
  }

  @Test func `gives its last column what the terminal has left`() {
    let rows = [
      Job(id: "backup", state: "RUNNING", status: "a status line of more than 20 columns")
    ]
    #expect(
      text(rows, terminal: 60) == """
         JOB ID   STATE     STATUS
        -------- --------- -----------------------------------------
         backup   RUNNING   a status line of more than 20 columns

        """)
    #expect(
      text(rows, terminal: 50) == """
         JOB ID   STATE     STATUS
        -------- --------- -------------------------------
         backup   RUNNING   a status line of more than ..

        """)
  }

  @Test func `shrinks its widest columns to the terminal's width`() {
    let rows = [
      Job(
        id: "a job with a rather long id", state: "DEPENDENCY_NOT_RUNNING",
        status: "some status line")
    ]
    #expect(
      text(rows, terminal: 45) == """
         JOB ID         STATE          STATUS
        -------------- -------------- ---------------
         a job with..   DEPENDENCY..   some status..

        """)
  }

  @Test func `keeps 8 columns of every value and whole titles when the terminal is too narrow`() {
    let rows = [
      Job(id: "a job with a rather long id", state: "ERROR", status: "some status line")
    ]
    let narrow = """
       JOB ID     STATE   STATUS
      ---------- ------- ----------
       a job ..   ERROR   some s..

      """
    #expect(text(rows, terminal: 29) == narrow)
    #expect(text(rows, terminal: 5) == narrow)
  }

  @Test(arguments: 32...120)
  func `fits every line into the terminal`(terminal: Int) {
    let rows = [
      Job(
        id: "日本語のとても長い名前のジョブです", state: "DEPENDENCY_NOT_RUNNING",
        status: String(repeating: "status 状態 ", count: 20)),
      Job(id: "x", state: "RUNNING", status: "y"),
    ]
    for line in text(rows, terminal: terminal).split(separator: "\n") {
      #expect(DisplayWidth.of(String(line)) <= terminal)
      #expect(line.last != " ")
    }
  }

  @Test func `is coloured around its text, so that nothing moves`() {
    let rows = [
      Job(id: "backup", state: "RUNNING", tone: .executing, status: "50 %"),
      Job(id: "sync", state: "FAILED", tone: .failure, status: "no route"),
      Job(id: "report", state: "COMPLETED"),
    ]
    let colored = text(rows, palette: .colored)
    let bold = "\u{1b}[1m"
    let end = "\u{1b}[0m"
    #expect(
      colored == """
         \(bold)JOB ID\(end)   \(bold)STATE\(end)       \(bold)STATUS\(end)
        \(bold)-------- ----------- ----------\(end)
         \(bold)backup\(end)   \u{1b}[34mRUNNING\(end)     50 %
         \u{1b}[1;91msync\(end)     \u{1b}[91mFAILED\(end)      \u{1b}[91mno route\(end)
         \(bold)report\(end)   COMPLETED

        """)
    #expect(uncolored(colored) == text(rows))
  }

  @Test func `takes its widths from the first 50 rows and writes later ones at once`() {
    var table = Table(columns, terminalColumns: nil, palette: .plain)
    var output: PrintableText = ""
    for _ in 1..<50 { table.append(Job(id: "job", state: "RUNNING"), to: &output) }
    #expect(output == "")
    table.append(Job(id: "job number 50", state: "RUNNING"), to: &output)
    #expect(output.text.split(separator: "\n").count == 52)
    #expect(output.text.hasPrefix(" JOB ID          STATE"))

    output = ""
    table.append(Job(id: "job number fifty-one", state: "STOPPED"), to: &output)
    #expect(output == " job number fifty-one   STOPPED\n")
    output = ""
    table.finish(to: &output)
    #expect(output == "")
  }
}
