package import Documents
internal import Events

/// The columns of `list-disabled`.
package enum DisabledTable {
  package static var columns: [TableColumn<DisabledDocument>] {
    [
      TableColumn("DISABLED JOB ID", maximumWidth: 30, tone: { _ in .jobID }) {
        $0.pattern
      },
      TableColumn("DISABLED", maximumWidth: 25) { TimeFormat.local($0.disabledAt) },
      TableColumn("UNTIL", maximumWidth: 25) {
        $0.until.map { TimeFormat.local($0) } ?? ""
      },
      TableColumn("BY", maximumWidth: 30) { "\($0.by.user)@\($0.by.host)" },
      TableColumn("REASON", maximumWidth: 50) { $0.by.reason ?? "" },
    ]
  }
}
