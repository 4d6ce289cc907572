package import Documents
internal import Events

/// The positions to which named listeners have come, in a table.
package enum CheckpointText {
  package static var columns: [TableColumn<CheckpointDocument>] {
    [
      TableColumn("NAME", maximumWidth: 40) { $0.name },
      TableColumn("POSITION", maximumWidth: 20) { $0.seq.map { "\($0)" } ?? "" },
      TableColumn("BEHIND", maximumWidth: 44) {
        $0.problem.map(anew) ?? $0.behind.map { CountText.of($0, "event") } ?? ""
      },
      TableColumn("SAVED", maximumWidth: 25) { TimeFormat.local($0.savedAt) },
      TableColumn("LISTENER", maximumWidth: 16) {
        $0.isListening ? $0.pid.map { "pid \($0)" } ?? "somebody" : ""
      },
    ]
  }

  private static func anew(_ problem: CheckpointDocument.Problem) -> String {
    switch problem {
    case .otherLedger: "begins anew: it is of another ledger"
    case .lostEvents: "begins anew: where it stopped is gone"
    case .unreadable: "begins anew: its file cannot be read"
    }
  }
}
