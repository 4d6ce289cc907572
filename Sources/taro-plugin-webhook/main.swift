internal import PluginSupport

PluginVoice.run("taro-plugin-webhook") { voice in
  let targets = try Target.all(try .fromEnvironment())
  var telling = ChangeTelling(
    targets.map { target in
      ChangeChannel(target.channelName, target.changes, lines: target.lines) { change in
        guard target.template == .healthchecks else { return try target.tell(change) }
        try RunPings.tell(change, to: target)
      }
    })
  var pings = RunPings(targets.filter { $0.template == .healthchecks })
  try PluginInput.forEachEvent { event in
    pings.take(event, &voice)
    telling.take(event, &voice)
  }
  try telling.finish(&voice)
  try pings.finish(&voice)
}
