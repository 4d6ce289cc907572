/// The two streams of a job.
package enum OutputStream: UInt8, Sendable, CaseIterable {
  case stdout = 0
  case stderr = 1
}
