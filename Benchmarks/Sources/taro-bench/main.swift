// Measures the programs from outside, side by side with what each is compared with, in one run; medians and ratios.
//
//   taro-bench TARO WORKER PEERS [NAME...]
//
// TARO: the program; WORKER: the test program that appends without a job (Tests/LedgerWorker); PEERS: the directory of
// the programs in C. NAME: only these.
import Foundation

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count >= 3 else {
  print("usage: taro-bench TARO WORKER PEERS [NAME...]")
  exit(64)
}
let work = NSTemporaryDirectory() + "taro-bench-\(getpid())"
try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
defer { try? FileManager.default.removeItem(atPath: work) }

let bench = Bench(taro: arguments[0], worker: arguments[1], peers: arguments[2], work: work)
let all: [(name: String, run: () -> Void)] = [
  ("start", bench.start), ("waiting", bench.waiting), ("burst", bench.burst),
  ("capture", bench.capture),
  ("appends", bench.appends), ("queries", bench.queries), ("latency", bench.latency),
  ("disk", bench.disk), ("forensics", bench.forensics),
]
let wanted = Set(arguments.dropFirst(3))
for (name, run) in all where wanted.isEmpty || wanted.contains(name) { run() }
