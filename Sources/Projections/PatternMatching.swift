package import Events

extension Pattern {
  package func matches(_ record: InstanceRecord) -> Bool {
    matches(job: record.job, instance: record.instance)
  }
}

extension [Pattern] {
  package func matches(_ record: InstanceRecord) -> Bool {
    matches(job: record.job, instance: record.instance)
  }
}
