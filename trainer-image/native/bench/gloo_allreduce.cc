// Gloo alone, the measure for the trainer's collectives: its own connecting, pairs, ring and sum, in a plain loop.
//   gloo_allreduce <folder for addresses> <rank> <size> <elements> <rounds>
// Sums float32 over the ranks; prints the seconds that the rounds took.
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gloo/allreduce.h"
#include "gloo/barrier.h"
#include "gloo/common/store.h"
#include "gloo/math.h"
#include "gloo/transport/tcp/context.h"
#include "gloo/transport/tcp/device.h"

namespace {

class FolderStore final : public gloo::IStore {
 public:
  explicit FolderStore(std::string folder) : folder_(std::move(folder)) {}

  void set(const std::string& key, const std::vector<char>& data) override {
    const auto file = path(key), draft = file + ".tmp";
    std::ofstream(draft, std::ios::binary).write(data.data(), static_cast<std::streamsize>(data.size()));
    rename(draft.c_str(), file.c_str());
  }

  std::vector<char> get(const std::string& key) override {
    std::ifstream file(path(key), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

  void wait(const std::vector<std::string>& keys, const std::chrono::milliseconds& timeout) override {
    const auto end = std::chrono::steady_clock::now() + timeout;
    for (const auto& key : keys)
      while (access(path(key).c_str(), R_OK) != 0 && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

 private:
  std::string path(const std::string& key) const { return folder_ + "/gloo-" + key; }

  const std::string folder_;
};

class Mesh final : public gloo::Context {
 public:
  Mesh(int rank, int size, gloo::IStore& store) : gloo::Context(rank, size) {
    auto device = std::make_shared<gloo::transport::tcp::Device>(gloo::transport::tcp::CreateDeviceAttr(gloo::transport::tcp::attr("127.0.0.1")));
    auto transport = std::make_shared<gloo::transport::tcp::Context>(device, rank, size);
    transport->setTimeout(getTimeout());
    transport->createAndConnectAllPairs(store);
    device_ = std::move(device);
    transportContext_ = std::move(transport);
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) return 64;
  signal(SIGPIPE, SIG_IGN);
  const int rank = atoi(argv[2]), size = atoi(argv[3]), elements = atoi(argv[4]), rounds = atoi(argv[5]);
  FolderStore store(argv[1]);
  const auto context = std::make_shared<Mesh>(rank, size, store);
  std::vector<float> data(static_cast<size_t>(elements));

  const auto sum = [&](uint32_t tag) {
    gloo::AllreduceOptions options(context);
    options.setOutput(data.data(), data.size());
    options.setReduceFunction(static_cast<void (*)(void*, const void*, const void*, size_t)>(&gloo::sum<float>));
    options.setTag(tag);
    gloo::allreduce(options);
  };
  for (uint32_t round = 0; round < 3; round++) sum(round);
  gloo::BarrierOptions barrier(context);
  gloo::barrier(barrier);
  const auto start = std::chrono::steady_clock::now();
  for (int round = 0; round < rounds; round++) sum(static_cast<uint32_t>(round + 3));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  printf("%.6f\n", took.count());
  gloo::barrier(barrier);
  return 0;
}
