package import Documents
package import Events

/// Runs with what was not as it was expected beside them: the rows of `ps` and `hist`.
package enum HistoryRow: Sendable {
  case run(InstanceDocument, [Breach])
  /// A run that is not there.
  case missing(job: String, Breach)
}

package enum HistoryTable {
  package typealias Column = TableColumn<HistoryRow>

  /// The columns of runs, for both.
  package static func columns(_ columns: [InstanceTable.Column], now: WallTime) -> [Column] {
    let due = TimeFormat.forms(now: now) { (breach: Breach) in breach.due }
    let dueForms = [due.value] + due.shorter
    return columns.map { column in
      let values = column.values.enumerated().map { form, value in
        cell(column.title, of: value, due: dueForms[min(form, dueForms.count - 1)])
      }
      return Column(
        column.title, maximumWidth: column.maximumWidth, enough: column.enough,
        worth: column.worth,
        tone: { row in
          switch row {
          case .run(let instance, _): column.tone(instance)
          case .missing: column.title == "STATE" ? .state(.failure) : identityTone(column.title)
          }
        },
        shorter: Array(values.dropFirst()), value: values[0])
    }
  }

  /// - Parameters:
  ///   - value: a run's.
  ///   - due: the time of a run that is not there, in a form as long as that of the value.
  private static func cell(
    _ title: String, of value: @escaping InstanceTable.Column.Value,
    due: @escaping TableColumn<Breach>.Value
  ) -> Column.Value {
    { row in
      switch row {
      case .run(let instance, let breaches):
        title == "WARNINGS"
          ? ([value(instance)].filter { !$0.isEmpty } + breaches.map(short))
            .joined(separator: ", ")
          : value(instance)
      case .missing(let job, let breach):
        title == "CREATED" ? due(breach) : cell(title, job, breach)
      }
    }
  }

  /// - Parameter nextDue: of the job with that id.
  package static func nextDue(
    now: WallTime, _ nextDue: @escaping @Sendable (String) -> WallTime?
  ) -> Column {
    let time = { @Sendable (row: HistoryRow) in
      switch row {
      case .run(let instance, _): nextDue(instance.job)
      case .missing(let job, _): nextDue(job)
      }
    }
    let forms = TimeFormat.forms(now: now, time)
    // Of a job that nobody expects there is none.
    let values = ([forms.value] + forms.shorter).map { form in
      { @Sendable (row: HistoryRow) in time(row) == nil ? "" : form(row) }
    }
    return Column(
      "NEXT DUE", maximumWidth: 25, enough: .max, worth: 7, shorter: Array(values.dropFirst()),
      value: values[0])
  }

  private static func identityTone(_ title: String) -> Tone { title == "JOB ID" ? .jobID : .plain }

  private static func cell(_ title: String, _ job: String, _ breach: Breach) -> String {
    switch title {
    case "JOB ID": job
    case "STATE": "MISSED"
    case "RESULT", "STATUS": missed(breach)
    default: ""
    }
  }

  private static func missed(_ breach: Breach) -> String {
    let grace = breach.limit.map { " within \(DurationText.exact($0))" } ?? ""
    guard let count = breach.count, count > 1 else { return "no run began\(grace)" }
    let last = breach.lastDue.map { ", the last due \(TimeFormat.local($0))" } ?? ""
    return "no run began\(grace), \(count) times in a row\(last)"
  }

  /// In a word or two, of a run.
  package static func short(_ breach: Breach) -> String {
    switch breach.kind {
    case .missed: "missed"
    case .late: "late"
    case .overlong: "overlong"
    case .overlapping: "overlapping"
    case .silent: "silent"
    }
  }

  /// The whole row of a failed run is in its colour.
  package static func rowTone(_ row: HistoryRow) -> StateTone? {
    switch row {
    case .run(let instance, _): InstanceTable.rowTone(instance)
    case .missing: .failure
    }
  }
}
