internal import ArgumentParser
internal import Settings

/// The page taro.yaml(5), from the keys that are understood.
enum ConfigurationManual {
  static var page: ManualText {
    var page = ManualText(
      "taro.yaml", section: 5, date: Taro.versionDate, version: Taro.version)
    page.section("NAME")
    page.line("taro.yaml \\- configuration of taro")
    page.section("DESCRIPTION")
    for paragraph in Discussion(Config.configuration.discussion).paragraphs {
      page.paragraph(paragraph)
    }
    page.paragraph(
      "A file that cannot be used ends a command with exit code 78; taro exec says so and runs the "
        + "job with the defaults. taro config check finds all mistakes.")
    page.paragraph(
      "log.file.path is path below file below log; written with the points it is accepted as well. "
        + "Durations are 500ms, 90s, 1h30m, 2d, 1w, PT1H or seconds; paths are absolute or begin with ~/."
    )
    page.section("KEYS")
    for key in Configuration.keys {
      page.entry(ManualText.bold(key.path), "\(key.meaning). Accepted: \(key.accepted).")
      if !key.byDefault.isEmpty {
        page.line(".br")
        page.line("Default: \(ManualText.bold(key.byDefault))")
      }
    }
    page.section("EXAMPLES")
    page.line("The file that taro config create writes:")
    page.example(Configuration.template.split(separator: "\n").map(String.init))
    page.section("SEE ALSO")
    page.line("\(ManualText.bold("taro-config"))(1), \(ManualText.bold("taro"))(1)")
    return page
  }
}
