// The C interface: checks what it is given, keeps exceptions inside.
#include <string.h>

#include <algorithm>
#include <string>
#include <vector>

#include "aidc_collectives.h"
#include "group.h"

struct aidc_group : aidc::Group {
  using Group::Group;
};

namespace {

static_assert(aidc::Address::kBytes <= AIDC_ADDRESS, "an address fits the space that callers have for it");

int32_t report(aidc_error* error, int code, const std::string& text, const std::vector<int>& closed = {}) {
  if (error != nullptr) {
    error->code = code;
    error->closed_count = static_cast<int32_t>(std::min<size_t>(closed.size(), AIDC_CLOSED_RANKS));
    std::copy_n(closed.begin(), error->closed_count, error->closed_ranks);
    const auto length = std::min(text.size(), sizeof(error->text) - 1);
    memcpy(error->text, text.data(), length);
    error->text[length] = 0;
  }
  return code;
}

template <typename F>
int32_t guarded(aidc_error* error, F&& f) noexcept {
  try {
    f();
    return report(error, AIDC_OK, "");
  } catch (const aidc::Failure& e) {
    return report(error, e.code, e.what(), e.closedRanks);
  } catch (const std::exception& e) {
    return report(error, AIDC_FAILED, e.what());
  } catch (...) {
    return report(error, AIDC_FAILED, "unknown error");
  }
}

void require(bool condition, const char* what) {
  if (!condition) throw aidc::Failure(AIDC_INVALID, what);
}

}  // namespace

extern "C" {

int32_t aidc_group_prepare(
    const char* address, int32_t rank, int32_t size, int64_t timeout, aidc_group** group, aidc_error* error) {
  return guarded(error, [&] {
    require(address != nullptr && group != nullptr, "no address or no place for the group");
    require(size >= 1 && rank >= 0 && rank < size, "the rank is not in 0..size-1");
    require(timeout > 0, "the time-out is not positive");
    *group = new aidc_group(address, rank, size, std::chrono::milliseconds(timeout));
  });
}

int32_t aidc_group_address(const aidc_group* group, uint8_t* bytes) {
  const auto address = group->address();
  std::copy(address.begin(), address.end(), bytes);
  return static_cast<int32_t>(address.size());
}

int32_t aidc_group_connect(aidc_group* group, const uint8_t* addresses, int64_t timeout, aidc_error* error) {
  return guarded(error, [&] {
    std::vector<aidc::Address> parsed;
    for (int rank = 0; rank < group->size(); rank++)
      parsed.push_back(aidc::Address::parse(addresses + static_cast<size_t>(rank) * AIDC_ADDRESS));
    group->connect(parsed, std::chrono::milliseconds(timeout));
  });
}

int32_t aidc_group_all_reduce_sum(aidc_group* group, void* data, int64_t elements, int32_t type, aidc_error* error) {
  return guarded(error, [&] {
    require(elements >= 0 && (data != nullptr || elements == 0), "no data");
    group->allReduceSum(data, static_cast<size_t>(elements), type);
  });
}

int32_t aidc_group_broadcast(aidc_group* group, void* data, int64_t bytes, int32_t root, aidc_error* error) {
  return guarded(error, [&] {
    require(bytes >= 0 && (data != nullptr || bytes == 0), "no data");
    require(root >= 0 && root < group->size(), "the root is not a rank of the group");
    group->broadcast(data, static_cast<size_t>(bytes), root);
  });
}

int32_t aidc_group_all_gather(aidc_group* group, void* output, const void* input, int64_t bytes, aidc_error* error) {
  return guarded(error, [&] {
    require(bytes >= 0 && ((output != nullptr && input != nullptr) || bytes == 0), "no data");
    group->allGather(output, input, static_cast<size_t>(bytes));
  });
}

int32_t aidc_group_barrier(aidc_group* group, aidc_error* error) {
  return guarded(error, [&] { group->barrier(); });
}

void aidc_group_abort(aidc_group* group) {
  guarded(nullptr, [&] { group->abort(); });
}

void aidc_group_destroy(aidc_group* group) {
  guarded(nullptr, [&] { delete group; });
}

}  // extern "C"
