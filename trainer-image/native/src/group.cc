#include "group.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <thread>

#include "aidc_collectives.h"
#include "connect.h"
#include "gloo/allgather.h"
#include "gloo/allreduce.h"
#include "gloo/barrier.h"
#include "gloo/broadcast.h"
#include "gloo/common/error.h"
#include "gloo/transport/tcp/device.h"
#include "pair.h"
#include "reduce.h"

namespace aidc {

namespace tcp = gloo::transport::tcp;

namespace {

constexpr std::chrono::milliseconds kFarewell{1000};

// Gloo's device is its event loop, one thread. It insists on listening too; nobody is told where.
std::shared_ptr<tcp::Device> makeDevice(const std::string& ip) {
  for (const auto& host : {std::string("127.0.0.1"), ip}) {
    try {
      return std::make_shared<tcp::Device>(tcp::CreateDeviceAttr(tcp::attr(host.c_str())));
    } catch (const gloo::Exception&) {
      // A network namespace whose loopback is down: the group's own address will do.
      if (host == ip) throw;
    }
  }
  throw Failure(AIDC_FAILED, "no device");
}

std::exception_ptr because(const std::string& text) { return std::make_exception_ptr(gloo::IoException(text)); }

// Gloo puts "[file:line] " before its messages.
std::string withoutPlace(const std::string& text) {
  const auto end = text.find("] ");
  return !text.empty() && text[0] == '[' && end != std::string::npos ? text.substr(end + 2) : text;
}

}  // namespace

Transport::Transport(std::shared_ptr<tcp::Device> device, int rank, int size, std::chrono::milliseconds timeout)
    : tcp::Context(std::move(device), rank, size) {
  setTimeout(timeout);
}

std::unique_ptr<gloo::transport::Pair>& Transport::createPair(int peer) {
  pairs_[peer] = std::make_unique<Pair>(this, device_.get(), peer, getTimeout(), [this](int closed) {
    std::lock_guard<std::mutex> lock(closedMutex_);
    closed_.push_back(closed);
  });
  return pairs_[peer];
}

void Transport::adopt(std::vector<Fd> sockets) {
  for (int peer = 0; peer < size; peer++)
    if (peer != rank) createPair(peer);
  // All pairs are there before the first can hear of its peer.
  for (int peer = 0; peer < size; peer++)
    if (peer != rank) static_cast<Pair&>(*pairs_[peer]).adopt(sockets[peer].release());
}

template <typename F>
void Transport::forEach(F&& f) {
  for (auto& pair : pairs_)
    if (pair) f(static_cast<Pair&>(*pair));
}

void Transport::release(const std::exception_ptr& why) {
  forEach([&](Pair& pair) { pair.release(why); });
}

void Transport::leave() {
  forEach([](Pair& pair) { pair.leave(); });
}

void Transport::farewell(std::chrono::milliseconds patience) {
  forEach([](Pair& pair) { pair.shutDownSending(); });
  const auto deadline = std::chrono::steady_clock::now() + patience;
  bool open = true;
  while (open && std::chrono::steady_clock::now() < deadline) {
    open = false;
    forEach([&](Pair& pair) { open |= !pair.closed(); });
    if (open) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

std::vector<int> Transport::closedByPeers() {
  std::lock_guard<std::mutex> lock(closedMutex_);
  return closed_;
}

namespace {

class Mesh final : public gloo::Context {
 public:
  Mesh(std::shared_ptr<tcp::Device> device, std::shared_ptr<Transport> transport)
      : gloo::Context(transport->rank, transport->size) {
    setTimeout(transport->getTimeout());
    device_ = std::move(device);
    transportContext_ = std::move(transport);
  }
};

}  // namespace

Group::Group(const std::string& ip, int rank, int size, std::chrono::milliseconds collectiveTimeout)
    : rank_(rank), size_(size), timeout_(collectiveTimeout), listener_(ip, rank, size), abortEvent_(::eventfd(0, EFD_CLOEXEC)) {
  if (!abortEvent_) throw Failure(AIDC_FAILED, std::string("eventfd: ") + strerror(errno));
}

Group::~Group() {
  if (transport_ == nullptr || aborted_ || failure_) return;
  transport_->farewell(kFarewell);
  transport_->leave();
}

void Group::connect(const std::vector<Address>& addresses, std::chrono::milliseconds timeout) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (aborted_) throw Failure(AIDC_ABORTED, "the group was aborted");
    if (std::exchange(connecting_, true)) throw Failure(AIDC_INVALID, "the group was connected before");
  }
  for (size_t i = 0; i < addresses.size(); i++)
    if (addresses[i].rank != static_cast<int>(i) || addresses[i].size != size_)
      throw Failure(AIDC_INVALID, "address " + std::to_string(i) + " is of rank " + std::to_string(addresses[i].rank) + " of " +
                                      std::to_string(addresses[i].size) + ", not of rank " + std::to_string(i) + " of " +
                                      std::to_string(size_));
  if (addresses[rank_].nonce != listener_.address().nonce)
    throw Failure(AIDC_INVALID, "the address of rank " + std::to_string(rank_) + " is another one than this group's own");

  auto sockets = connectAll(listener_, addresses, timeout, abortEvent_.get());
  listener_.close();
  char ip[INET6_ADDRSTRLEN];
  const auto& own = listener_.address().socket;
  const void* host = own.ss_family == AF_INET ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in&>(own).sin_addr)
                                              : static_cast<const void*>(&reinterpret_cast<const sockaddr_in6&>(own).sin6_addr);
  auto device = makeDevice(inet_ntop(own.ss_family, host, ip, sizeof(ip)));
  auto transport = std::make_shared<Transport>(device, rank_, size_, timeout_);
  transport->adopt(std::move(sockets));
  auto context = std::make_shared<Mesh>(device, transport);

  std::lock_guard<std::mutex> lock(mutex_);
  if (aborted_) throw Failure(AIDC_ABORTED, "the group was aborted");
  transport_ = std::move(transport);
  context_ = std::move(context);
}

void Group::run(const std::function<void(const std::shared_ptr<gloo::Context>&, uint32_t)>& collective) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (aborted_) throw Failure(AIDC_ABORTED, "the group was aborted");
    if (failure_) throw *failure_;
    if (context_ == nullptr) throw Failure(AIDC_INVALID, "the group is not connected");
  }
  try {
    collective(context_, tag_++);
  } catch (const std::exception& e) {
    fail(withoutPlace(e.what()));
  }
}

void Group::fail(const std::string& text) {
  // First the peers learn of it. This also waits until a pair that is just being closed has said so.
  transport_->release(because("the group failed"));
  const auto closed = transport_->closedByPeers();
  const bool timedOut = closed.empty() && text.find("Timed out") != std::string::npos;
  std::string said = text;
  if (!closed.empty()) {
    said = "connection closed by rank ";
    for (size_t i = 0; i < closed.size(); i++) said += (i == 0 ? "" : ", ") + std::to_string(closed[i]);
  }
  std::unique_lock<std::mutex> lock(mutex_);
  if (aborted_) throw Failure(AIDC_ABORTED, "the group was aborted");
  failure_.emplace(timedOut ? AIDC_TIMEOUT : AIDC_FAILED, said, closed);
  lock.unlock();
  transport_->leave();
  throw *failure_;
}

void Group::abort() {
  std::shared_ptr<Transport> transport;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (std::exchange(aborted_, true)) return;
    transport = transport_;
  }
  ::eventfd_write(abortEvent_.get(), 1);
  if (transport == nullptr) return;
  transport->release(because("the group was aborted"));
  transport->leave();
}

void Group::allReduceSum(void* data, size_t elements, int type) {
  switch (type) {
    case AIDC_FLOAT32: return allReduce(static_cast<float*>(data), elements, sumFloat32);
    case AIDC_FLOAT64: return allReduce(static_cast<double*>(data), elements, sumFloat64);
    case AIDC_BFLOAT16: return allReduce(static_cast<uint16_t*>(data), elements, sumBFloat16);
    case AIDC_INT64: return allReduce(static_cast<int64_t*>(data), elements, sumInt64);
    default: throw Failure(AIDC_INVALID, "unknown element type");
  }
}

template <typename T>
void Group::allReduce(T* data, size_t elements, void (*sum)(void*, const void*, const void*, size_t)) {
  run([&](const std::shared_ptr<gloo::Context>& context, uint32_t tag) {
    if (size_ == 1 || elements == 0) return;
    gloo::AllreduceOptions options(context);
    options.setOutput(data, elements);
    options.setReduceFunction(sum);
    options.setTag(tag);
    options.setTimeout(timeout_);
    gloo::allreduce(options);
  });
}

void Group::broadcast(void* data, size_t bytes, int root) {
  run([&](const std::shared_ptr<gloo::Context>& context, uint32_t tag) {
    if (size_ == 1 || bytes == 0) return;
    gloo::BroadcastOptions options(context);
    options.setOutput(static_cast<uint8_t*>(data), bytes);
    options.setRoot(root);
    options.setTag(tag);
    options.setTimeout(timeout_);
    gloo::broadcast(options);
  });
}

void Group::allGather(void* output, const void* input, size_t bytes) {
  run([&](const std::shared_ptr<gloo::Context>& context, uint32_t tag) {
    if (bytes == 0) return;
    gloo::AllgatherOptions options(context);
    options.setInput(static_cast<uint8_t*>(const_cast<void*>(input)), bytes);
    options.setOutput(static_cast<uint8_t*>(output), bytes * static_cast<size_t>(size_));
    options.setTag(tag);
    options.setTimeout(timeout_);
    gloo::allgather(options);
  });
}

void Group::barrier() {
  run([&](const std::shared_ptr<gloo::Context>& context, uint32_t tag) {
    if (size_ == 1) return;
    gloo::BarrierOptions options(context);
    options.setTag(tag);
    options.setTimeout(timeout_);
    gloo::barrier(options);
  });
}

}  // namespace aidc
