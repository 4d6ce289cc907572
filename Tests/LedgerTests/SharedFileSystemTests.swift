import TestSupport
import Testing

@testable import Ledger

@Suite(.temporaryDirectory) struct SharedFileSystemTests {
  @Test(arguments: [
    (0x6969, nil, "NFS"), (0x0116_1970, nil, "GFS2"), (0x7461_636f, nil, "OCFS2"),
    (0x786f_4256, nil, "vboxsf"), (0x0102_1997, nil, "9P"), (0xef53, nil, nil),
    (0x0102_1994, nil, nil),
    (0x6573_5546, "virtiofs", "virtiofs"), (0x6573_5546, "fuse.sshfs", "fuse.sshfs"),
    (0x6573_5546, "fuse.glusterfs", "fuse.glusterfs"), (0x6573_5546, nil, "FUSE"),
    (0x6573_5546, "fuseblk", nil), (0x6573_5546, "fuse.fuse-overlayfs", nil),
  ])
  func `is refused by its number, and below FUSE by its name`(
    type: Int, mounted: String?, kind: String?
  ) {
    #expect(SharedFileSystem.kind(type, mounted: { mounted }) == kind)
  }

  @Test func `is named in mountinfo behind the dash`() {
    let mounts = """
      36 35 98:0 /a /mnt1 rw,noatime master:1 - ext3 /dev/root rw
      37 35 0:51 / /mnt2 rw - fuse.sshfs host:/ rw,user_id=0
      damaged
      38 35 0:52 / /mnt3 rw
      """
    #expect(SharedFileSystem.mountedType(mounts, device: "0:51") == "fuse.sshfs")
    #expect(SharedFileSystem.mountedType(mounts, device: "98:0") == "ext3")
    #expect(SharedFileSystem.mountedType(mounts, device: "0:52") == nil)
  }

  @Test func `is told with its type`() {
    let text = LedgerError.networkFileSystem(path: "/l", type: "virtiofs").description
    #expect(text.contains("(virtiofs)"))
  }
}
