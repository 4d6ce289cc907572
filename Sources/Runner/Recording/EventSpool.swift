internal import Ledger
internal import Linux

/// The place where a journal keeps what it cannot append, in order, until it or somebody else can.
protocol EventSpool: AnyObject {
  var isEmpty: Bool { get }

  /// The file where the events are, or are going to be; nil while that is nowhere.
  var path: String? { get }

  /// Places that others have taken, so that the run is kept elsewhere or nowhere.
  var takenPlaces: [Distrust] { get }

  /// Keeps all of the event, or nothing.
  func append(_ event: NewEvent, of stream: InstanceStream) throws(SystemCallError)

  /// Puts what was kept on disk.
  func sync() throws(SystemCallError)

  /// The next of what was kept, for one turn of the queue; none when all was read.
  func nextBatch() throws(SystemCallError) -> [NewEvent]

  /// Forgets what was kept, once it is in the ledger.
  func clear()
}

extension Spool: EventSpool {}
