/// The page for browsers: its files, embedded at build time from those beside this one. A module of its own, so that a change of a
/// file builds nothing else.
package enum PageFiles {
  package struct File: Sendable {
    package let name: String
    package let bytes: [UInt8]

    /// The type that a browser is told, by the ending of the name.
    package var type: String {
      switch name.split(separator: ".").last {
      case "css": "text/css; charset=utf-8"
      case "html": "text/html; charset=utf-8"
      case "js": "text/javascript; charset=utf-8"
      case "svg": "image/svg+xml"
      default: "application/octet-stream"
      }
    }
  }

  /// The document at `/`. `{version}` in it stands for the name that the other files are below.
  package static var document: File { File(name: "index.html", bytes: PackageResources.index_html) }

  /// The files that the document names, and those that these name.
  package static var others: [File] {
    [
      File(name: "actions.js", bytes: PackageResources.actions_js),
      File(name: "ansi.js", bytes: PackageResources.ansi_js),
      File(name: "api.js", bytes: PackageResources.api_js),
      File(name: "bars.js", bytes: PackageResources.bars_js),
      File(name: "base.css", bytes: PackageResources.base_css),
      File(name: "beside.js", bytes: PackageResources.beside_js),
      File(name: "dialog.js", bytes: PackageResources.dialog_js),
      File(name: "diff.js", bytes: PackageResources.diff_js),
      File(name: "dom.js", bytes: PackageResources.dom_js),
      File(name: "feed.js", bytes: PackageResources.feed_js),
      File(name: "frame.js", bytes: PackageResources.frame_js),
      File(name: "icon.svg", bytes: PackageResources.icon_svg),
      File(name: "icons.js", bytes: PackageResources.icons_js),
      File(name: "lanes.js", bytes: PackageResources.lanes_js),
      File(name: "line-index.js", bytes: PackageResources.line_index_js),
      File(name: "lines.js", bytes: PackageResources.lines_js),
      File(name: "links.js", bytes: PackageResources.links_js),
      File(name: "log-line.js", bytes: PackageResources.log_line_js),
      File(name: "log-marks.js", bytes: PackageResources.log_marks_js),
      File(name: "log-panel.js", bytes: PackageResources.log_panel_js),
      File(name: "log-scroll.js", bytes: PackageResources.log_scroll_js),
      File(name: "log-search.js", bytes: PackageResources.log_search_js),
      File(name: "log-source.js", bytes: PackageResources.log_source_js),
      File(name: "log-view.js", bytes: PackageResources.log_view_js),
      File(name: "log.css", bytes: PackageResources.log_css),
      File(name: "main.js", bytes: PackageResources.main_js),
      File(name: "notices.js", bytes: PackageResources.notices_js),
      File(name: "palette.js", bytes: PackageResources.palette_js),
      File(name: "parts.css", bytes: PackageResources.parts_css),
      File(name: "parts.js", bytes: PackageResources.parts_js),
      File(name: "refresh.js", bytes: PackageResources.refresh_js),
      File(name: "replay.js", bytes: PackageResources.replay_js),
      File(name: "router.js", bytes: PackageResources.router_js),
      File(name: "run-facts.js", bytes: PackageResources.run_facts_js),
      File(name: "run-row.js", bytes: PackageResources.run_row_js),
      File(name: "sign-in.js", bytes: PackageResources.sign_in_js),
      File(name: "states.js", bytes: PackageResources.states_js),
      File(name: "text.js", bytes: PackageResources.text_js),
      File(name: "theme.js", bytes: PackageResources.theme_js),
      File(name: "time.js", bytes: PackageResources.time_js),
      File(name: "timeline-data.js", bytes: PackageResources.timeline_data_js),
      File(name: "timeline-draw.js", bytes: PackageResources.timeline_draw_js),
      File(name: "view-events.js", bytes: PackageResources.view_events_js),
      File(name: "view-history.js", bytes: PackageResources.view_history_js),
      File(name: "view-host.js", bytes: PackageResources.view_host_js),
      File(name: "view-job.js", bytes: PackageResources.view_job_js),
      File(name: "view-jobs.js", bytes: PackageResources.view_jobs_js),
      File(name: "view-now.js", bytes: PackageResources.view_now_js),
      File(name: "view-run.js", bytes: PackageResources.view_run_js),
      File(name: "view-timeline.js", bytes: PackageResources.view_timeline_js),
      File(name: "views.css", bytes: PackageResources.views_css),
    ]
  }
}
