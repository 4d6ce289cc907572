internal import Events
internal import SQLite

/// The part of a query that decides over a single row, as SQL and what belongs to its parameters (from ?10 on). A new
/// filter has its place here.
struct InstanceFilter {
  private(set) var sql: String
  private var integers: [(Int32, Int64)] = []
  private var texts: [(Int32, String)] = []
  private let query: InstanceQuery

  init(_ query: InstanceQuery, _ connection: borrowing Connection) throws(SQLiteError) {
    self.query = query
    sql =
      switch query.include {
      case .live: "ended_at IS NULL"
      case .ended: "ended_at IS NOT NULL AND hidden = 0"
      case .all: "hidden = 0"
      case .leftBehind: "orphan IS NOT NULL"
      }
    if let position = query.asOf {
      // The plus keeps SQLite from reading in the order of the ledger what is wanted in another.
      switch query.include {
      case .live, .all: add("+created_seq <= ?10", 10, position.number)
      case .ended, .leftBehind: add("last_seq <= ?10", 10, position.number)
      }
    }
    if query.since != nil || query.until != nil { try addTimes(connection) }
    if !query.states.isEmpty {
      let names = query.states.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
      sql += " AND state IN (\(names))"
    }
    if let longer = query.longerThan { add("+run_us > ?15", 15, longer) }
    // Most runs have none of these, which is seen without reading what there is.
    if query.reason != nil {
      sql +=
        " AND (state <> 'COMPLETED' OR instr(ended, '\"reason\"') > 0)"
        + " AND has_reason(ended, state)"
    }
    if !query.exitCodes.isEmpty {
      sql += " AND instr(ended, '\"exit_code\"') > 0 AND has_exit_code(ended)"
    }
    if query.user != nil { sql += " AND has_user(created)" }
    if let group = query.executionGroup {
      sql += " AND IFNULL(execution_group, job) = ?18"
      texts.append((18, group))
    }
    if !query.parameters.isEmpty {
      sql += " AND instr(created, '\"params\"') > 0 AND has_parameters(created)"
    }
    if let job = query.job {
      sql += " AND job = ?17"
      texts.append((17, job))
    }
    if !query.visible.isEmpty { sql += " AND is_visible(job, instance)" }
    if query.leavesOutRehearsals { sql += " AND \(Rehearsal.isNone)" }
    try addPatterns(connection)
  }

  /// Makes what the SQL calls; to be done on each connection that runs it.
  func define(on connection: borrowing Connection) throws(SQLiteError) {
    if !query.patterns.isEmpty {
      let patterns = query.patterns
      try connection.define("is_named", arguments: 2) { arguments in
        guard let instance = arguments.withBytes(1, { InstanceID($0) }) else { return false }
        return patterns.matches(job: arguments.text(0), instance: instance)
      }
    }
    if !query.visible.isEmpty {
      let patterns = query.visible
      try connection.define("is_visible", arguments: 2) { arguments in
        guard let instance = arguments.withBytes(1, { InstanceID($0) }) else { return false }
        let job = arguments.text(0)
        return patterns.contains { $0.shows(job, instance) }
      }
    }
    if let wanted = query.reason?.lowercased() {
      try connection.define("has_reason", arguments: 2) { arguments in
        guard let json = try? JSON(parsing: arguments.text(0)) else { return false }
        let isCompleted = arguments.text(1) == InstanceState.completed.rawValue
        return Ending(json).result(isCompleted: isCompleted).lowercased().contains(wanted)
      }
    }
    if !query.exitCodes.isEmpty {
      let wanted = query.exitCodes
      try connection.define("has_exit_code", arguments: 1) { arguments in
        guard let json = try? JSON(parsing: arguments.text(0)) else { return false }
        return json["exit_code"]?.integer.map(wanted.contains) ?? false
      }
    }
    if let wanted = query.user {
      try connection.define("has_user", arguments: 1) { arguments in
        (try? JSON(parsing: arguments.text(0)))?["user"]?.string == wanted
      }
    }
    guard !query.parameters.isEmpty else { return }
    let wanted = query.parameters.map { JSON.Member($0.name, .string($0.value)) }
    try connection.define("has_parameters", arguments: 1) { arguments in
      guard let json = try? JSON(parsing: arguments.text(0)), let given = json["params"]?.members
      else { return false }
      return wanted.allSatisfy(given.contains)
    }
  }

  func bind(to statement: inout Statement) throws(SQLiteError) {
    for (index, value) in integers { try statement.bind(index, value) }
    for (index, value) in texts { try statement.bind(index, value) }
  }

  private mutating func add(_ condition: String, _ index: Int32, _ value: Int64) {
    sql += " AND \(condition)"
    integers.append((index, value))
  }

  /// Rows are read in the order of creation, and times follow the clock: mostly the same order, but not when the clock was
  /// set. The index of times tells between which rows all the wanted ones stand; of it, what was created in
  /// that time is read, once a query. The few that are live are all read.
  private mutating func addTimes(_ connection: borrowing Connection) throws(SQLiteError) {
    if query.include == .ended || query.include == .all {
      var range = try connection.prepare(Self.createdBetween)
      try range.bind(1, query.since?.microseconds ?? .min)
      try range.bind(2, query.until?.microseconds ?? .max)
      guard try range.step() else { return }
      if query.since != nil { add("created_order >= ?11", 11, range.integer(0)) }
      if query.until != nil { add("created_order <= ?12", 12, range.integer(1)) }
    }
    if let since = query.since { add("+created_at >= ?13", 13, since.microseconds) }
    if let until = query.until { add("+created_at < ?14", 14, until.microseconds) }
  }

  static let createdBetween = """
    SELECT IFNULL(MIN(created_order), \(Int64.max)), IFNULL(MAX(created_order), 0) FROM instance
    WHERE created_at >= ? AND created_at < ?
    """

  /// The one that is named exactly is found by index, be it a job or an instance. The few that are live are looked at.
  private mutating func addPatterns(_ connection: borrowing Connection) throws(SQLiteError) {
    guard !query.patterns.isEmpty else { return }
    let isFew = query.include == .live || query.include == .leftBehind
    guard !isFew, query.patterns.count == 1, query.patterns.areExact,
      let name = query.patterns.first?.text
    else {
      sql += " AND is_named(job, instance)"
      return
    }
    var statement = try connection.prepare(
      """
      SELECT EXISTS (SELECT 1 FROM instance WHERE job = ?1),
        EXISTS (SELECT 1 FROM instance WHERE instance >= ?1 AND instance < ?1 || '~')
      """)
    try statement.bind(1, name)
    guard try statement.step() else { return }
    switch (isJob: statement.integer(0) == 1, isInstance: statement.integer(1) == 1) {
    case (true, false):
      sql += " AND job = ?16"
      texts.append((16, name))
    case (false, _):
      // An id, its beginning, or job@ID.
      let id = name.lastIndex(of: "@").map { String(name[name.index(after: $0)...]) } ?? name
      sql +=
        " AND created_seq IN (SELECT created_seq FROM instance WHERE instance >= ?16 "
        + "AND instance < ?16 || '~') AND is_named(job, instance)"
      texts.append((16, id))
    case (true, true): sql += " AND is_named(job, instance)"
    }
  }
}

extension Ending {
  /// The words that lists have of an end: the reason, else the exit code, and the last line; of a run that has completed the reason alone.
  func result(isCompleted: Bool) -> String {
    guard !isCompleted else { return reason ?? "" }
    return [reason ?? exitCode.map { "exit code \($0)" }, status].compactMap { $0 }
      .joined(separator: ": ")
  }
}
