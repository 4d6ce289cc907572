/// The description of the REST interface, embedded at build time from the file beside this one. A module of its own:
/// `taro` has none of it.
package enum RESTSchema {
  package static var openAPI: [UInt8] { PackageResources.openapi_json }
}
