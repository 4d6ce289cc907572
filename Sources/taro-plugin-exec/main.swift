internal import PluginSupport

PluginVoice.run("taro-plugin-exec") { voice in
  var rules = try ExecRule.all(try .fromEnvironment())
  var telling = ChangeTelling(rules.map(\.channel))
  try PluginInput.forEachEvent { event in
    for index in rules.indices {
      guard let command = rules[index].command(for: event) else { continue }
      do { try command.run(input: Array("\(event.text)\n".utf8)) } catch { voice.fail("\(error)") }
    }
    telling.take(event, &voice)
  }
  try telling.finish(&voice)
}
