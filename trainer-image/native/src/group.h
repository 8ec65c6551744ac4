#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "gloo/context.h"
#include "gloo/transport/tcp/context.h"
#include "handshake.h"

namespace aidc {

// The pairs of a group, made over sockets that are connected already.
class Transport final : public gloo::transport::tcp::Context {
 public:
  Transport(std::shared_ptr<gloo::transport::tcp::Device> device, int rank, int size, std::chrono::milliseconds timeout);

  void adopt(std::vector<Fd> sockets);

  // Every operation in progress, or to come, throws this. Returns at once.
  void release(const std::exception_ptr& why);

  // Closes all connections. A tick of the event loop (10 ms) for each.
  void leave();

  // Says good-bye and waits until all peers have closed too, so that none of them misses what is still under way.
  void farewell(std::chrono::milliseconds patience);

  // Ranks that closed their connection, in the order seen.
  std::vector<int> closedByPeers();

  std::unique_ptr<gloo::transport::Pair>& createPair(int rank) override;

 private:
  template <typename F>
  void forEach(F&& f);

  std::mutex closedMutex_;
  std::vector<int> closed_;
};

// One rank of one group: listens, is connected, runs collectives, can be aborted by any thread.
class Group {
 public:
  Group(const std::string& ip, int rank, int size, std::chrono::milliseconds collectiveTimeout);
  ~Group();

  std::vector<uint8_t> address() const { return listener_.address().bytes(); }
  int size() const { return size_; }

  void connect(const std::vector<Address>& addresses, std::chrono::milliseconds timeout);
  void allReduceSum(void* data, size_t elements, int type);
  void broadcast(void* data, size_t bytes, int root);
  void allGather(void* output, const void* input, size_t bytes);
  void barrier();
  void abort();

 private:
  template <typename T>
  void allReduce(T* data, size_t elements, void (*sum)(void*, const void*, const void*, size_t));
  void run(const std::function<void(const std::shared_ptr<gloo::Context>&, uint32_t tag)>& collective);
  [[noreturn]] void fail(const std::string& text);

  const int rank_;
  const int size_;
  const std::chrono::milliseconds timeout_;
  Listener listener_;
  Fd abortEvent_;

  std::mutex mutex_;
  bool aborted_ = false;
  bool connecting_ = false;
  std::optional<Failure> failure_;
  std::shared_ptr<Transport> transport_;
  std::shared_ptr<gloo::Context> context_;
  uint32_t tag_ = 0;
};

}  // namespace aidc
