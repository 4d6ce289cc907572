package import Documents

extension DisabledDocument {
  package init(_ entry: DisabledJobs.Entry) { self.init(entry.disabled, at: entry.at) }
}
