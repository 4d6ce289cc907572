internal import Events
internal import Ledger
internal import Linux
internal import Operations
internal import PluginSupport

PluginVoice.run("taro-plugin-mail") { voice in
  let settings = try MailSettings(try .fromEnvironment())
  let ledger = Environment.value(EnvironmentVariable.ledger.name) ?? ""
  var selection = settings.selection
  var report = RunReport()
  var telling = ChangeTelling([
    ChangeChannel("mail", settings.changes, lines: settings.lines) { change in
      let message = MailMessage(change, to: settings.to, from: settings.from)
      try PluginCommand(settings.sendmail).run(input: Array(message.text.utf8))
    }
  ])
  try PluginInput.forEachEvent { event in
    report.take(event)
    telling.take(event, &voice)
    guard selection.takes(event) else { return }
    var output: String?
    var trouble = "Its output could not be recorded."
    if event.isRecorded {
      do {
        output = try LastLines.read(
          settings.lines, of: event.instance, in: LedgerReader(LedgerDirectory(ledger)))
      } catch {
        // The mail is worth more than its last lines.
        trouble = "Its output cannot be read: \(error)"
        voice.fail(trouble)
      }
    }
    let message = MailMessage(
      to: settings.to, from: settings.from, subject: report.subject(event),
      date: CivilMoment(local: .now).mail,
      body: report.body(event, output: output, trouble: trouble, ledger: ledger))
    do {
      try PluginCommand(settings.sendmail).run(input: Array(message.text.utf8))
    } catch { voice.fail("no mail was sent about \(event.instance): \(error)") }
  }
  try telling.finish(&voice)
}
