import Foundation

/// What a finished process took.
struct Run {
  let seconds: Double
  let cpuSeconds: Double
  let maxRSSBytes: Int
  /// As wait4(2) has it.
  let status: Int32
}

enum Programs {
  /// Runs argv with stdout (and stderr) to /dev/null, or through `sh -c` when it is a shell line.
  static func run(_ arguments: [String], environment: [String: String] = [:]) -> Run {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    defer { posix_spawn_file_actions_destroy(&actions) }
    var merged = ProcessInfo.processInfo.environment
    merged.merge(environment) { $1 }
    let argv = arguments.map { strdup($0) } + [nil]
    let envp = merged.map { strdup("\($0)=\($1)") } + [nil]
    defer { (argv + envp).forEach { free($0) } }
    var pid: pid_t = 0
    let start = now()
    guard posix_spawnp(&pid, arguments[0], &actions, nil, argv, envp) == 0 else {
      fatalError("cannot start \(arguments[0])")
    }
    var status: Int32 = 0
    var usage = rusage()
    wait4(pid, &status, 0, &usage)
    let cpu = { (time: timeval) in Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return Run(
      seconds: now() - start, cpuSeconds: cpu(usage.ru_utime) + cpu(usage.ru_stime),
      maxRSSBytes: usage.ru_maxrss * 1024, status: status)
  }

  /// Starts argv without waiting; returns what it printed once `wait` is called.
  static func start(_ arguments: [String], environment: [String: String] = [:]) -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let pipe = Pipe()
    process.standardOutput = pipe
    do { try process.run() } catch { fatalError("cannot start \(arguments[0]): \(error)") }
    return process
  }

  /// Starts argv, waits for the first line it prints, and leaves it running until its stdin is closed.
  static func hold(_ arguments: [String]) -> (Process, FileHandle) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: arguments[0])
    process.arguments = Array(arguments.dropFirst())
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    do { try process.run() } catch { fatalError("cannot start \(arguments[0]): \(error)") }
    guard !output.fileHandleForReading.availableData.isEmpty else {
      fatalError("\(arguments) has ended before it was ready")
    }
    return (process, input.fileHandleForWriting)
  }

  static func output(of process: Process) -> String {
    guard let pipe = process.standardOutput as? Pipe else { return "" }
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }
}

func now() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

extension [Double] {
  func percentile(_ percent: Double) -> Double {
    let sorted = sorted()
    return sorted[Swift.min(count - 1, Int(Double(count) * percent / 100))]
  }

  var median: Double { percentile(50) }
}

func milliseconds(_ seconds: Double) -> String { String(format: "%.2f ms", seconds * 1000) }

/// A line of the report: what, the figure, what it is compared with, the goal.
func report(_ what: String, _ figure: String, _ comparison: String = "", goal: String = "") {
  func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }
  print(pad(what, 44) + pad(figure, 34) + pad(comparison, 44) + goal)
  fflush(nil)
}
