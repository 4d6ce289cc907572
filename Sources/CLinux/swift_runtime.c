// Before main, Swift's runtime looks for its backtracer beside the program, and aborts where it cannot find the program's
// own path: where no /proc is mounted. Linked statically this one is taken instead, and there is no backtracer, as there is
// none beside a taro that was copied to a host. Hidden, so that a shared runtime keeps its own.
__attribute__((visibility("hidden"))) char *swift_copyAuxiliaryExecutablePath(const char *name) {
  (void)name;
  return 0;
}
