internal import Glibc

/// A pattern by which people name instances, the same in every command and in REST: a shell glob over the job id, the
/// instance id and `job@instance`; without wildcards an exact job id, an exact `job@instance`, or the first 4 or more
/// characters of an instance id. A job id that looks like a glob, such as `echo *`, is matched by itself too.
package struct Pattern: Hashable, Sendable {
  package let text: String
  package let isGlob: Bool

  package init(_ text: String) {
    self.text = text
    isGlob = text.utf8.contains { "*?[".utf8.contains($0) }
  }

  package func matches(job: String, instance: InstanceID) -> Bool {
    if isGlob {
      return text == job || glob(job) || glob(instance.text) || glob("\(job)@\(instance)")
    }
    return text == job || text == "\(job)@\(instance)" || isPrefix(of: instance)
  }

  /// Tells whether the pattern matches the job itself, for what is about jobs and not about their instances.
  package func matches(job: String) -> Bool { text == job || isGlob && glob(job) }

  /// True when the pattern names one instance rather than a job.
  package func namesInstance(job: String, instance: InstanceID) -> Bool {
    !isGlob && text != job && matches(job: job, instance: instance)
  }

  private func isPrefix(of instance: InstanceID) -> Bool {
    text.utf8.count >= 4 && instance.text.hasPrefix(text)
  }

  private func glob(_ subject: String) -> Bool { fnmatch(text, subject, 0) == 0 }
}

extension [Pattern] {
  /// No pattern matches everything.
  package func matches(job: String, instance: InstanceID) -> Bool {
    isEmpty || contains { $0.matches(job: job, instance: instance) }
  }

  /// True when all are without wildcards: then there can be nothing else to wait for.
  package var areExact: Bool { !isEmpty && allSatisfy { !$0.isGlob } }
}
