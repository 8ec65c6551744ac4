// What is done to two ranks' values in an all-reduce.
#pragma once

#include <cstddef>
#include <cstdint>

namespace aidc {

// out[i] = a[i] + b[i]; out may be a. The sum of two bfloat16 is taken in float32 and rounded to the nearest, ties to even.
void sumFloat32(void* out, const void* a, const void* b, size_t n);
void sumFloat64(void* out, const void* a, const void* b, size_t n);
void sumBFloat16(void* out, const void* a, const void* b, size_t n);
void sumInt64(void* out, const void* a, const void* b, size_t n);

}  // namespace aidc
