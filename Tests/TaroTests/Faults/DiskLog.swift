import Glibc
import Linux
import TestSupport

/// What reached the files of a ledger, call by call, as Tests/FaultShim has written it down.
struct DiskLog {
  enum Operation {
    /// Without a path it has no name.
    case create(path: String?, inode: Int)
    case makeDirectory(path: String)
    case makeFIFO(path: String)
    case write(inode: Int, offset: Int, [UInt8])
    case resize(inode: Int, Int)
    /// Succeeded: what was written to the file before is on disk.
    case sync(inode: Int)
    case syncNames(directory: String)
    case rename(String, String)
    case link(String, String)
    /// A file that had no name gets one.
    case name(inode: Int, String)
    case unlink(String)
    case spawn
    case say(String)
    case exit(Int)
  }

  struct Record {
    let pid: Int64
    let operation: Operation
  }

  /// A change that a replay would miss.
  struct Unknown: Error, CustomStringConvertible {
    let description: String
  }

  private(set) var records: [Record] = []

  /// As long as `struct fault_record`.
  private static let headerBytes = 32

  init(_ path: String) throws {
    let bytes = try Files.contents(path)
    // Inode numbers are given again when a file is gone; these are not.
    var inodes: [Int: Int] = [:]
    var offset = 0
    func number(_ position: Int, _ width: Int) -> Int {
      bytes[offset + position..<offset + position + width].reversed()
        .reduce(0) { $0 << 8 | Int($1) }
    }
    while offset + Self.headerBytes <= bytes.count {
      let (code, pid) = (number(0, 4), Int64(number(4, 4)))
      let (kernelInode, position) = (number(8, 8), number(16, 8))
      let pathEnd = offset + Self.headerBytes + number(24, 4)
      let end = pathEnd + number(28, 4)
      let path = String(decoding: bytes[offset + Self.headerBytes..<pathEnd], as: UTF8.self)
      let data = bytes[pathEnd..<end]
      if code == 1 { inodes[kernelInode] = records.count }
      // What was not made under our eyes is made now.
      let inode = inodes[kernelInode] ?? -1
      let text = String(decoding: data, as: UTF8.self)
      let operation: Operation =
        switch code {
        case 1: .create(path: path.isEmpty ? nil : path, inode: inode)
        case 2: .makeDirectory(path: path)
        case 3: .makeFIFO(path: path)
        case 4: .write(inode: inode, offset: position, Array(data))
        case 5: .resize(inode: inode, position)
        case 6: .sync(inode: inode)
        case 7: .syncNames(directory: path)
        case 8: .rename(path, text)
        case 9: path.isEmpty ? .name(inode: inode, text) : .link(path, text)
        case 10: .unlink(path)
        case 11: .spawn
        case 12: .say(text)
        case 13: .exit(position)
        default: throw Unknown(description: "the log has a call that cannot be replayed: \(path)")
        }
      switch operation {
      case .write(-1, _, _), .resize(-1, _), .sync(-1), .name(-1, _):
        throw Unknown(description: "\(path) was not made while the log was written")
      default: break
      }
      records.append(Record(pid: pid, operation: operation))
      offset = end
    }
  }
}
