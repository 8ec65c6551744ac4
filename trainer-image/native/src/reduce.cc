#include "reduce.h"

#include <cstring>

// The compiler makes one version for any x86-64 and one for AVX2; the dynamic linker picks.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define VECTORISED __attribute__((target_clones("avx2", "default"), optimize("O3")))
#else
#define VECTORISED
#endif

namespace aidc {

namespace {

inline float widen(uint16_t bits) {
  const uint32_t wide = static_cast<uint32_t>(bits) << 16;
  float value;
  memcpy(&value, &wide, sizeof(value));
  return value;
}

inline uint16_t narrow(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof(bits));
  const uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  const uint32_t quietNaN = (bits >> 16) | 0x40u;
  return static_cast<uint16_t>((bits & 0x7fffffffu) > 0x7f800000u ? quietNaN : rounded);
}

}  // namespace

// Gloo's `out` is `a` and `b` its scratch memory: no iteration depends on another.
VECTORISED void sumFloat32(void* out, const void* a, const void* b, size_t n) {
  auto* to = static_cast<float*>(out);
  const auto* x = static_cast<const float*>(a);
  const auto* y = static_cast<const float*>(b);
#pragma GCC ivdep
  for (size_t i = 0; i < n; i++) to[i] = x[i] + y[i];
}

VECTORISED void sumFloat64(void* out, const void* a, const void* b, size_t n) {
  auto* to = static_cast<double*>(out);
  const auto* x = static_cast<const double*>(a);
  const auto* y = static_cast<const double*>(b);
#pragma GCC ivdep
  for (size_t i = 0; i < n; i++) to[i] = x[i] + y[i];
}

VECTORISED void sumBFloat16(void* out, const void* a, const void* b, size_t n) {
  auto* to = static_cast<uint16_t*>(out);
  const auto* x = static_cast<const uint16_t*>(a);
  const auto* y = static_cast<const uint16_t*>(b);
#pragma GCC ivdep
  for (size_t i = 0; i < n; i++) to[i] = narrow(widen(x[i]) + widen(y[i]));
}

// Unsigned, so that a sum that does not fit wraps around instead of being undefined.
VECTORISED void sumInt64(void* out, const void* a, const void* b, size_t n) {
  auto* to = static_cast<uint64_t*>(out);
  const auto* x = static_cast<const uint64_t*>(a);
  const auto* y = static_cast<const uint64_t*>(b);
#pragma GCC ivdep
  for (size_t i = 0; i < n; i++) to[i] = x[i] + y[i];
}

}  // namespace aidc
