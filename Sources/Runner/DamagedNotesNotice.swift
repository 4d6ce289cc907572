internal import Ledger

/// What a run says of a ledger.lock that is damaged: it goes on, and what does not fit is noted anew with what it appends.
enum DamagedNotesNotice {
  static func say(_ writer: LedgerWriter, _ notices: Notices) {
    guard let notes = writer.damagedNotes else { return }
    writer.damagedNotes = nil
    notices.once(
      "ledger \(writer.directory.path): \(notes); it is noted anew, and taro ledger verify says what is there",
      topic: "notes")
  }
}
