#pragma once
// The low-level functions: EVP would load providers at every start of taro, for one hash.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
