internal import CLinux
internal import Glibc
internal import Linux

/// Some file systems belong to more than one host: SQLite's WAL needs memory that all who use a ledger share
/// (sqlite.org/wal.html, "all processes using a database must be on the same host"), and the append queue a lock that all
/// see.
enum SharedFileSystem {
  /// By statfs(2)'s f_type: include/uapi/linux/magic.h, and for what has its number elsewhere fs/*/ of the kernel and
  /// coreutils' src/stat.c, which marks those that are remote.
  static let names: [Int: String] = [
    0x6969: "NFS", 0x517b: "SMB", 0xff53_4d42: "CIFS", 0xfe53_4d42: "SMB2",
    0x0102_1997: "9P", 0x00c3_6400: "Ceph", 0x5346_414f: "AFS", 0x6b41_4653: "AFS",
    0x0bd0_0bd0: "Lustre", 0x0116_1970: "GFS2", 0x7461_636f: "OCFS2", 0x786f_4256: "vboxsf",
    0x7375_7245: "Coda", 0x564c: "NCP", 0x1983_0326: "BeeGFS", 0x4750_4653: "GPFS",
    0xaad7_aaea: "PanFS", 0x2003_0528: "OrangeFS", 0xbacb_acbc: "vmhgfs", 0x7c7c_6673: "prl_fs",
    0xbeef_dead: "SNFS", 0x6163_6673: "ACFS", 0x0131_11a8: "IBRIX",
  ]

  /// FUSE_SUPER_MAGIC: of virtiofs too, which a guest shares with its host.
  private static let fuse = 0x6573_5546

  /// Below FUSE these alone are known to keep what they hold on this host: on a block device, or in files of a directory
  /// that is asked for nothing more (which may be shared itself, but not by them).
  private static let localFuse: Set<String> = [
    "fuseblk", "fuse.fuse-overlayfs", "fuse.gocryptfs", "fuse.encfs", "fuse.cryfs",
  ]

  /// The kind of the directory's file system where it may be shared; nil where it is this host's.
  static func kind(of path: String) -> String? {
    var type = 0
    guard unsafe clinux_file_system_type(path, &type) == 0 else { return nil }
    return kind(type, mounted: { mountedType(of: path) })
  }

  static func kind(_ type: Int, mounted: () -> String?) -> String? {
    if let name = names[type] { return name }
    guard type == fuse else { return nil }
    let name = mounted() ?? "FUSE"
    return localFuse.contains(name) ? nil : name
  }

  /// Returns the name that /proc/self/mountinfo has for the file system: its device is told by stat(2)
  /// (proc_pid_mountinfo(5)). Nil where that cannot be read.
  private static func mountedType(of path: String) -> String? {
    var info = stat()
    guard unsafe stat(path, &info) == 0,
      let bytes = RawIO.contents(of: "/proc/self/mountinfo", limit: 16 << 20)
    else { return nil }
    return mountedType(
      String(decoding: bytes, as: UTF8.self), device: deviceName(UInt64(info.st_dev)))
  }

  /// `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw`: the third field, and the one behind the dash.
  static func mountedType(_ mounts: String, device: String) -> String? {
    for line in mounts.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count > 2, fields[2] == device, let dash = fields.firstIndex(of: "-"),
        dash + 1 < fields.count
      else { continue }
      return String(fields[dash + 1])
    }
    return nil
  }

  /// makedev(3).
  private static func deviceName(_ device: UInt64) -> String {
    let major = (device >> 8) & 0xfff | (device >> 32) & ~0xfff
    let minor = device & 0xff | (device >> 12) & ~0xff
    return "\(major):\(minor)"
  }
}

extension LedgerDirectory {
  func refuseSharedFileSystem() throws(LedgerError) {
    guard !isLocal, let kind = SharedFileSystem.kind(of: path) else { return }
    throw .networkFileSystem(path: path, type: kind)
  }
}
