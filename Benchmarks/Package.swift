// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "Benchmarks",
  targets: [
    // Measures, and prints medians and ratios.
    .executableTarget(name: "taro-bench", swiftSettings: [.treatAllWarnings(as: .error)]),
    // The peers: the steps of `taro exec` and of a durable append, written in C.
    .executableTarget(name: "exec-in-c", linkerSettings: [.linkedLibrary("sqlite3")]),
    .executableTarget(name: "append-in-c", linkerSettings: [.linkedLibrary("sqlite3")]),
    // A thousand that listen to the server.
    .executableTarget(name: "sse-listeners"),
  ]
)
