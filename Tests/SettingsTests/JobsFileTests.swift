import Events
import TestSupport
import Testing

@testable import Settings

@Suite("The file jobs.yaml")
struct JobsFileTests {
  private func read(_ text: String) throws(ConfigurationError) -> JobsFile {
    try JobsFile(ConfigurationFile(path: "j", bytes: Array(text.utf8)))
  }

  @Test func `names jobs and what is to be known of them`() throws {
    let file = try read(
      """
      jobs:
        - job_id: backup/home
          properties: {owner: ann, n: 3, x: 1.5, on: yes, off: "no", none: ~, more: [a, {b: -2}]}
        - job_id: "7"
        - job_id: empty
          properties:
      """)
    #expect(file.jobs.map(\.id) == ["backup/home", "7", "empty"])
    let properties = JSON.object(try file.jobs.at(0).properties)
    #expect(
      properties.text
        == #"{"owner":"ann","n":3,"x":1.5,"on":true,"off":"no","none":null,"more":["a",{"b":-2}]}"#)
    #expect(try file.jobs.at(2).properties.isEmpty)
  }

  @Test(arguments: ["", "# nothing\n", "jobs:\n", "jobs: []\n", "~\n"])
  func `may say nothing`(text: String) throws {
    #expect(try read(text).jobs.isEmpty)
  }

  @Test(arguments: ["1e5", "0x1F", "2026-01-01", "1.2.3", "-", "+", "99999999999999999999", "inf"])
  func `words that are no numbers to everybody stay words`(word: String) throws {
    let file = try read("jobs: [{job_id: a, properties: {x: \(word)}}]")
    #expect(try file.jobs.at(0).properties.at(0).value == .string(word))
  }

  @Test func `is refused with everything that is not understood`() {
    let error = #expect(throws: ConfigurationError.self) {
      try read(
        """
        job: []
        jobs:
          - word
          - properties: {}
          - job_id: ~
          - {job_id: a, propertys: {}}
          - {job_id: a}
          - {job_id: b, properties: [1]}
        """)
    }
    #expect(
      error?.problems.map(\.place) == ["j:1", "j:3", "j:4", "j:5", "j:6", "j:7", "j:8"])
    #expect(error?.problems.last?.message == "properties have to be a mapping")
    for text in ["word", "- a", "jobs: word", "jobs: {a: b}", "jobs: [", "jobs: &a [*a]"] {
      #expect(throws: ConfigurationError.self, "\(text)") { try read(text) }
    }
  }
}
