package import Events

/// The figures of a check, for Prometheus: one table for whoever writes them. All are gauges.
package struct CheckMetrics: Sendable {
  package enum Value: Equatable, Sendable {
    case number(Int64)
    case time(WallTime)
  }

  package struct Sample: Equatable, Sendable {
    package let labels: [(name: String, value: String)]
    package let value: Value

    package static func == (one: Sample, other: Sample) -> Bool {
      one.value == other.value && one.labels.elementsEqual(other.labels, by: ==)
    }
  }

  package struct Family: Equatable, Sendable {
    package let name: String
    package let help: String
    package let samples: [Sample]
  }

  package let families: [Family]

  package init(_ check: CheckDocument) {
    // One sample for each set of labels: of a job that has two runs of one sort, the first counts.
    var seen: Set<[String]> = []
    let findings = check.findings.filter { finding in
      seen.insert([finding.job ?? "", finding.problem.rawValue]).inserted
    }
    func samples(_ value: (CheckDocument.Finding) -> Value?) -> [Sample] {
      findings.compactMap { finding in
        value(finding).map { value in
          Sample(
            labels: [("job", finding.job ?? ""), ("problem", finding.problem.rawValue)],
            value: value)
        }
      }
    }
    families = [
      Family(
        name: "taro_check_status",
        help: "The worst that was found: 0 ok, 1 warning, 2 critical, 3 unknown.",
        samples: [Sample(labels: [], value: .number(Int64(check.status.code)))]),
      Family(
        name: "taro_check_timestamp_seconds", help: "When it was looked.",
        samples: [Sample(labels: [], value: .time(check.at))]),
      Family(
        name: "taro_check_jobs", help: "Jobs that were looked at.",
        samples: [Sample(labels: [], value: .number(check.jobs))]),
      Family(
        name: "taro_check_problems", help: "Things that are not well, by sort.",
        samples: CheckDocument.Problem.allCases.map { problem in
          Sample(
            labels: [("problem", problem.rawValue)], value: .number(Int64(check.count(problem))))
        }),
      Family(
        name: "taro_check_problem",
        help: "One thing that is not well: 1 warning, 2 critical, 3 unknown.",
        samples: samples { .number(Int64($0.status.code)) }),
      Family(
        name: "taro_check_problem_since_timestamp_seconds", help: "Since when it is so.",
        samples: samples { $0.since.map { .time($0) } }),
      Family(
        name: "taro_check_problem_last_good_timestamp_seconds",
        help: "The end of the last run that completed.",
        samples: samples { $0.lastGood.map { .time($0) } }),
    ]
  }
}
