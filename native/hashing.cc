#include "hashing.h"

#include <openssl/evp.h>

#include <cerrno>
#include <memory>

#include "system-error.h"

namespace momentd {

namespace {

constexpr size_t kDigestBytes = 32;

Napi::Value Fail(Napi::Env env, int error, const char* call) {
  ToError(env, {error, call, ""}).ThrowAsJavaScriptException();
  return env.Undefined();
}

// One algorithm and one context for each thread that hashes: fetching them costs as much as hashing a short piece.
struct Sha256 {
  std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> algorithm{EVP_MD_fetch(nullptr, "SHA256", nullptr), EVP_MD_free};
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};

  bool Begin() {
    return algorithm && context && EVP_DigestInit_ex2(context.get(), algorithm.get(), nullptr) == 1;
  }
};

// sha256Ranges(prefix, bytes, ranges, digests): for each pair (start, end) of `ranges`, the SHA-256 of the byte `prefix` and
// bytes [start, end) is written to `digests`, one after another.
Napi::Value Sha256Ranges(const Napi::CallbackInfo& info) {
  static thread_local Sha256 hash;
  Napi::Env env = info.Env();
  if (info.Length() != 4 || !info[0].IsNumber() || !info[1].IsTypedArray() || !info[2].IsTypedArray() ||
      !info[3].IsTypedArray())
    return Fail(env, EINVAL, "sha256Ranges");
  const auto prefix = static_cast<uint8_t>(info[0].As<Napi::Number>().Uint32Value());
  const auto typed = [&](size_t i) { return info[i].As<Napi::TypedArray>().TypedArrayType(); };
  if (typed(1) != napi_uint8_array || typed(2) != napi_uint32_array || typed(3) != napi_uint8_array)
    return Fail(env, EINVAL, "sha256Ranges");
  const auto bytes = info[1].As<Napi::Uint8Array>();
  const auto ranges = info[2].As<Napi::Uint32Array>();
  auto digests = info[3].As<Napi::Uint8Array>();
  const size_t count = ranges.ElementLength() / 2;
  if (ranges.ElementLength() % 2 != 0 || digests.ByteLength() < count * kDigestBytes)
    return Fail(env, ERANGE, "sha256Ranges");
  const uint8_t* in = bytes.Data();
  const uint32_t* at = ranges.Data();
  uint8_t* out = digests.Data();
  const size_t length = bytes.ByteLength();
  for (size_t i = 0; i < count; i++, at += 2, out += kDigestBytes) {
    if (at[0] > at[1] || at[1] > length) return Fail(env, ERANGE, "sha256Ranges");
    if (!hash.Begin() || EVP_DigestUpdate(hash.context.get(), &prefix, 1) != 1 ||
        EVP_DigestUpdate(hash.context.get(), in + at[0], at[1] - at[0]) != 1 ||
        EVP_DigestFinal_ex(hash.context.get(), out, nullptr) != 1)
      return Fail(env, EIO, "EVP_Digest");
  }
  return env.Undefined();
}

}  // namespace

void DefineHashing(Napi::Env env, Napi::Object exports) {
  exports.Set("sha256Ranges", Napi::Function::New(env, Sha256Ranges, "sha256Ranges"));
}

}  // namespace momentd
