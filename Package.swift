// swift-tools-version: 6.2
import PackageDescription

/// The settings of every target of ours, once: what the compiler can find, it finds, and it is an error.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("InferIsolatedConformances"),
  .treatAllWarnings(as: .error),
]

/// The same where C is touched: each expression that the compiler cannot prove safe says `unsafe`.
let touchesC = strict + [.strictMemorySafety()]

let package = Package(
  name: "taro",
  products: [
    .executable(name: "taro", targets: ["taro"]),
    .executable(name: "taros", targets: ["taros"]),
    .executable(name: "taroc", targets: ["taroc"]),
    .executable(name: "taro-plugin-exec", targets: ["taro-plugin-exec"]),
    .executable(name: "taro-plugin-mail", targets: ["taro-plugin-mail"]),
    .executable(name: "taro-plugin-webhook", targets: ["taro-plugin-webhook"]),
    // Of the tests: put in front of libc by them.
    .library(name: "fault-shim", type: .dynamic, targets: ["FaultShim"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    // Of taros alone; without traits, so that no Foundation comes with them.
    .package(
      url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
    .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(
      url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
  ],
  targets: [
    // The C libraries, and the system calls that Swift's Glibc cannot express.
    .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CLZ4", providers: [.apt(["liblz4-dev"])]),
    .systemLibrary(name: "CCrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CPCRE2", providers: [.apt(["libpcre2-dev"])]),
    .systemLibrary(name: "CYAML", providers: [.apt(["libyaml-dev"])]),
    .target(name: "CLinux"),

    .target(
      name: "Schema", path: "schema",
      exclude: ["events.jsonl", "openapi.json", "RESTSchema.swift"],
      resources: [
        .embedInCode("ledger.sql"), .embedInCode("projections.sql"), .embedInCode("redaction.sql"),
      ],
      swiftSettings: strict),
    .target(name: "Linux", dependencies: ["CLinux"], swiftSettings: touchesC),
    .target(name: "Events", dependencies: ["Linux"], swiftSettings: strict),
    .target(name: "Digests", dependencies: ["CCrypto", "Events"], swiftSettings: touchesC),
    .target(name: "Documents", dependencies: ["Events"], swiftSettings: strict),
    .target(name: "Schedules", dependencies: ["Events"], swiftSettings: strict),
    .target(name: "SQLite", dependencies: ["CSQLite"], swiftSettings: touchesC),
    .target(name: "Matching", dependencies: ["CPCRE2", "Linux"], swiftSettings: touchesC),
    .target(
      name: "Ledger",
      dependencies: ["CLZ4", "CLinux", "Digests", "Events", "Linux", "SQLite", "Schema"],
      swiftSettings: touchesC),
    .target(
      name: "Maintenance",
      dependencies: ["Digests", "Documents", "Events", "Ledger", "Linux", "SQLite", "Schema"],
      swiftSettings: strict),
    .target(name: "Spawn", dependencies: ["CLinux", "Linux"], swiftSettings: touchesC),
    .target(
      name: "Bundles", dependencies: ["Digests", "Documents", "Events", "Linux", "Spawn"],
      swiftSettings: strict),
    .target(name: "Settings", dependencies: ["CYAML", "Events", "Linux"], swiftSettings: touchesC),
    .target(
      name: "Projections",
      dependencies: ["Documents", "Events", "Ledger", "Linux", "SQLite", "Schema"],
      swiftSettings: strict),
    .target(
      name: "Runner",
      dependencies: [
        "Digests", "Documents", "Events", "Ledger", "Linux", "Maintenance", "Matching",
        "Projections", "Settings", "Spawn",
      ],
      swiftSettings: strict),
    .target(
      name: "Operations",
      dependencies: [
        "Bundles", "Digests", "Documents", "Events", "Ledger", "Linux", "Maintenance", "Matching",
        "Projections", "Schedules", "Settings",
      ],
      swiftSettings: strict),
    .target(
      name: "Presentation", dependencies: ["Documents", "Events", "Linux"], swiftSettings: strict),
    .target(
      name: "CommandLineKit",
      dependencies: [
        "Documents", "Events", "Linux", "Presentation", "Settings", "Spawn",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      resources: ["bash", "zsh", "fish"].map { .embedInCode("Completion/Scripts/program.\($0)") },
      swiftSettings: strict),
    .target(name: "Remedies", dependencies: ["Ledger"], swiftSettings: strict),
    .executableTarget(
      name: "taro",
      dependencies: [
        "Bundles", "CLinux", "CommandLineKit", "Documents", "Events", "Ledger", "Linux",
        "Maintenance", "Matching", "Operations", "Presentation", "Projections", "Remedies",
        "Runner", "Schedules", "Settings", "Spawn",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: touchesC),

    // The ledger over HTTP.
    .target(
      name: "RESTSchema", path: "schema",
      exclude: ["events.jsonl", "ledger.sql", "projections.sql", "redaction.sql", "Schema.swift"],
      sources: ["RESTSchema.swift"], resources: [.embedInCode("openapi.json")],
      swiftSettings: strict),
    .target(
      name: "Page", path: "Sources/Server/Page", resources: [.embedInCode("Files")],
      swiftSettings: strict),
    .target(
      name: "Server",
      dependencies: [
        "Digests", "Documents", "Events", "Ledger", "Linux", "Maintenance", "Matching",
        "Operations", "Page", "Projections", "RESTSchema", "Settings",
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
        .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      exclude: ["Page"], swiftSettings: strict),
    .executableTarget(
      name: "taros",
      dependencies: [
        "CommandLineKit", "Events", "Ledger", "Linux", "Operations", "Presentation", "Remedies",
        "Server", "Settings",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    // Many hosts, over ssh and HTTP.
    .target(
      name: "Fleet", dependencies: ["Documents", "Events", "Linux", "Settings", "Spawn"],
      swiftSettings: strict),
    .executableTarget(
      name: "taroc",
      dependencies: [
        "CLinux", "CommandLineKit", "Documents", "Events", "Fleet", "Linux", "Presentation",
        "Settings",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: touchesC),

    // The plugins that come with taro: programs of their own.
    .target(
      name: "PluginSupport",
      dependencies: [
        "Documents", "Events", "Ledger", "Linux", "Operations", "Projections", "Spawn",
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "taro-plugin-exec", dependencies: ["Documents", "Events", "PluginSupport"],
      swiftSettings: strict),
    .executableTarget(
      name: "taro-plugin-mail",
      dependencies: ["Documents", "Events", "Ledger", "Linux", "Operations", "PluginSupport"],
      swiftSettings: strict),
    .executableTarget(
      name: "taro-plugin-webhook", dependencies: ["Documents", "Events", "Linux", "PluginSupport"],
      swiftSettings: strict),

    // Linked by nobody: it would stand between the tests themselves and libc.
    .target(name: "FaultShim", path: "Tests/FaultShim"),
    .target(
      name: "TestSupport", dependencies: ["Digests", "Events", "Ledger", "Linux", "Spawn"],
      path: "Tests/TestSupport",
      swiftSettings: strict),
    // Tests that need several processes start this one; no product.
    .executableTarget(
      name: "ledger-worker",
      dependencies: [
        "Documents", "Events", "Ledger", "Linux", "Maintenance", "Operations", "Projections",
        "SQLite",
      ],
      path: "Tests/LedgerWorker", swiftSettings: strict),
    .testTarget(
      name: "EventsTests", dependencies: ["Events", "Linux", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "LinuxTests", dependencies: ["Linux", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "SQLiteTests", dependencies: ["Linux", "SQLite", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "MatchingTests", dependencies: ["Linux", "Matching", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "LedgerTests",
      dependencies: ["Digests", "Events", "Ledger", "Linux", "SQLite", "TestSupport"],
      exclude: ["Golden"], swiftSettings: strict),
    .testTarget(
      name: "MaintenanceTests",
      dependencies: [
        "Digests", "Events", "Ledger", "Linux", "Maintenance", "SQLite", "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "BundlesTests",
      dependencies: [
        "Bundles", "Digests", "Documents", "Events", "Ledger", "Linux", "Operations", "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "DocumentsTests", dependencies: ["Documents", "Events", "TestSupport"],
      swiftSettings: strict),
    .testTarget(name: "LayersTests", dependencies: ["TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "PresentationTests",
      dependencies: ["Documents", "Events", "Presentation", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "CommandLineKitTests",
      dependencies: [
        "CommandLineKit", "Linux", "Presentation", "TestSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "SettingsTests", dependencies: ["Events", "Linux", "Settings", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "SchedulesTests", dependencies: ["Events", "Schedules", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "SpawnTests", dependencies: ["Linux", "Spawn", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "ProjectionsTests",
      dependencies: [
        "Documents", "Events", "Ledger", "Linux", "Maintenance", "Projections", "SQLite",
        "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "OperationsTests",
      dependencies: [
        "Digests", "Documents", "Events", "Ledger", "Linux", "Maintenance", "Matching",
        "Operations",
        "Projections", "SQLite", "Settings", "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "RunnerTests",
      dependencies: [
        "Events", "Ledger", "Linux", "Maintenance", "Matching", "Projections", "Runner",
        "Settings", "Spawn", "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "TaroTests",
      dependencies: [
        "CommandLineKit", "Digests", "Documents", "Events", "Ledger", "Linux", "Projections",
        "SQLite", "Settings", "Spawn", "TestSupport", "taro", "taro-plugin-exec",
        "taro-plugin-mail", "taro-plugin-webhook",
      ],
      swiftSettings: strict),
    // A thousand who listen, for the figures and the tests.
    .executableTarget(name: "sse-listeners", path: "Benchmarks/Sources/sse-listeners"),
    .testTarget(
      name: "ServerTests", dependencies: ["Projections", "Server", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "FleetTests",
      dependencies: ["Documents", "Events", "Fleet", "Linux", "Settings", "Spawn", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "TarocTests",
      dependencies: [
        "CommandLineKit", "Documents", "Events", "Fleet", "Linux", "TestSupport", "taro", "taroc",
        "taros",
      ],
      exclude: ["Golden"], swiftSettings: strict),
    .testTarget(
      name: "TarosTests",
      dependencies: [
        "CommandLineKit", "Events", "Ledger", "Linux", "SQLite", "TestSupport", "taro", "taros",
      ],
      swiftSettings: strict),
  ]
)

// Only for make fuzz: it needs what clang calls -fsanitize=fuzzer in all modules.
if Context.environment["TARO_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "taro-fuzz",
      dependencies: ["Events", "Ledger", "Linux", "Matching", "Projections", "Settings"],
      path: "Tests/Fuzz", exclude: ["Corpus"], swiftSettings: strict))
}
