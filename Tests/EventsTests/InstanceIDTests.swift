internal import Events
internal import TestSupport
import Testing

@Suite struct InstanceIDTests {
  @Test func `ids sort by creation`() {
    let times: [WallTime] = [
      0, 1000, 1_700_000_000_000_000, 1_700_000_000_001_000, 144_115_188_075_855_872,
    ]
    let ids = times.map { InstanceID(createdAt: $0) }
    #expect(ids == ids.sorted())
    #expect(ids.map(\.text) == ids.map(\.text).sorted())
  }

  @Test func `an id is 16 characters of lower-case Crockford base32`() {
    let alphabet = Set("0123456789abcdefghjkmnpqrstvwxyz")
    for time in [-5, 0, 1_700_000_000_000_000, WallTime(microseconds: .max)] {
      for _ in 0..<200 {
        let id = InstanceID(createdAt: time)
        #expect(id.text.count == 16)
        #expect(id.text.allSatisfy(alphabet.contains))
        #expect(InstanceID(id.text) == id)
      }
    }
  }

  @Test func `ids of the same moment differ`() {
    let ids = (0..<1000).map { _ in InstanceID(createdAt: 1_700_000_000_000_000) }
    #expect(Set(ids).count == ids.count)
    #expect(Set(ids.map { $0.text.prefix(9) }).count == 1, "the time alone is in the first 45 bits")
  }

  @Test(arguments: [
    "", "0", "0123456789abcde", "0123456789abcdefg", "0123456789ABCDEF", "0123456789abcdel",
    "0123456789abcdei", "0123456789abcdeo", "0123456789abcdeu", "0123456789abcd é",
    "0123456789abcde ", "0123456789abcde\0",
  ])
  func `a text that is no id is refused`(text: String) {
    #expect(InstanceID(text) == nil)
  }

  @Test func `a prefix names an instance from four characters on`() {
    #expect(!InstanceID.isPrefix("012"))
    #expect(InstanceID.isPrefix("0123"))
    #expect(InstanceID.isPrefix("0123456789abcdef"))
    #expect(!InstanceID.isPrefix("0123456789abcdef0"))
    #expect(!InstanceID.isPrefix("back-up"))
  }
}
