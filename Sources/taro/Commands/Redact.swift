internal import ArgumentParser
internal import CommandLineKit
internal import Events
internal import Glibc
internal import Ledger
internal import Linux
internal import Maintenance
internal import Matching
internal import Operations
internal import Presentation
internal import Projections

struct Redact: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "redact",
    abstract: "Make unreadable what a run has printed that nobody should read.",
    discussion: """
      A password was printed. It is replaced by [redacted] wherever it stands in what is recorded of that run: in its output, \
      command, parameters, environment, status, warnings, requests and end. Each stream is looked through as one text, \
      so it is found across lines too; ^ and $ are the ends of lines.

        taro redact deploy --pattern 'token=\\S+' --reason 'the token of the API was printed'
        taro redact 06rv --pattern '(?s)-----BEGIN .*?-----END [A-Z ]+-----' --force

      The id of the job stays. Where it has it, as one that exec has made of the command may, that is said.

      The ledger tells who did it, when and why, and ledger verify stays good; the expression is not kept. What cannot be \
      reached stays: mails, logs, bundles, exports and backups that were made before. So change the password as well: its digest \
      is still there, by which a guess can be checked.

      0 redacted, 1 nothing matched, the run is live, or the id of the job has it and stays, 75 redacted, but a reader \
      keeps an older copy of a file, which the next taro removes.
      """)

  @Argument(
    help: "A job id (its newest run), a job@instance or the beginning of an instance id.",
    completion: .instances)
  var instance: String

  @Option(
    help: ArgumentHelp(
      "A regular expression (pcre2pattern(3)) that matches what is to go.", valueName: "regex"))
  var pattern: String

  @Option(help: ArgumentHelp("Why, for the record.", valueName: "text"))
  var reason: String?

  @Flag(help: "What is put in its place is as long as it was.")
  var keepLength = false

  @Flag(help: "Do not ask back.")
  var force = false

  @OptionGroup var ledger: LedgerOption

  private func secret() throws -> SecretPattern {
    guard !pattern.isEmpty else { throw ValidationError("--pattern is empty") }
    do throws(RegularExpression.Refusal) {
      return try SecretPattern(pattern, keepsLength: keepLength)
    } catch {
      throw ValidationError("--pattern, at character \(error.offset): \(error.reason)")
    }
  }

  func validate() throws { _ = try secret() }

  func run() throws {
    guard let view = try ledger.view() else { throw LedgerSession.NameError.nothing(instance) }
    let record = try view.run(named: instance)
    let bar = ProgressBar("searching")
    let redaction = try Redaction(of: secret(), in: record, view) {
      bar.show(done: $0, of: nil, bytes: $0)
    }
    bar.clear()
    let plan = redaction.plan
    guard plan.places > 0 else {
      guard !redaction.isInJobID else { throw Self.jobIDStays }
      throw Failure("nothing in \(record.name) matches; nothing was changed")
    }
    let output = StandardOutput()
    output.write(
      "\(record.name): \(CountText.of(plan.places, "place")), in "
        + "\(CountText.of(plan.outputEvents, "piece")) of output and \(CountText.of(plan.otherEvents, "other event"))\n"
    )
    if !force {
      try Confirmation.ask(
        "Do you want to make them unreadable, for good?", on: output,
        remedy: "use --force to make them unreadable without asking")
    }
    let outcome = try redaction.carryOut(by: .thisProcess(reason: reason))
    output.write("redacted     \(CountText.of(outcome.events, "event"))\n")
    output.write(
      "not reached  mails, logs, bundles, exports and backups made before; what was printed, change it too\n"
    )
    for sealed in view.directory.sealed {
      output.write(
        "not reached  \(PrintableText.escaped(sealed)), a damaged ledger that was put aside\n")
    }
    output.flush()
    if outcome.hasCopies {
      let copies = Failure(
        "somebody reads the ledger as it was, or its read models, and so keeps a copy of what was redacted; the next taro "
          + "that can removes it", code: EX_TEMPFAIL)
      guard redaction.isInJobID else { throw copies }
      StandardError.say(copies.message)
    }
    if redaction.isInJobID { throw Self.jobIDStays }
  }

  private static let jobIDStays = Failure(
    "the id of the job has it too, and stays, for the ledger goes by it: whoever reads the ledger can read it there; "
      + "change the secret, and give the job another name with --id")
}
