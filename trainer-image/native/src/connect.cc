#include "connect.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include <algorithm>
#include <list>

#include "aidc_collectives.h"

namespace aidc {

namespace {

using Clock = std::chrono::steady_clock;

// The caller says who it is and shows that it knows the listener's nonce and, for its rank, its own.
struct Hello {
  uint8_t magic[4];
  uint32_t rank;
  Nonce listener;
  Nonce caller;
};
constexpr uint8_t kMagic[4] = {'h', 'e', 'l', 'o'};

struct Call {
  int rank;
  Fd fd;
  bool connected = false;
  bool answered = false;
  Nonce answer{};
  size_t received = 0;
};

// Who has not said who it is by then, or is one too many, is let go: a peer says it at once.
constexpr auto kHelloWithin = std::chrono::seconds(5);
constexpr size_t kMostStrangers = 64;

struct Caller {
  Fd fd;
  Clock::time_point since;
  Hello hello{};
  size_t received = 0;
  bool done = false;
};

class Connecting final {
 public:
  Connecting(Listener& listener, const std::vector<Address>& addresses)
      : listener_(listener), addresses_(addresses), rank_(listener.address().rank), sockets_(addresses.size()) {}

  std::vector<Fd> run(Clock::time_point deadline, int abortFd) {
    for (int rank = 0; rank < rank_; rank++) calls_.push_back(start(rank));
    while (missing() > 0) {
      auto polled = descriptors(abortFd);
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
      if (left <= 0) throw Failure(AIDC_TIMEOUT, "not connected in time with " + missingRanks());
      if (::poll(polled.data(), polled.size(), static_cast<int>(std::min<long long>(left, 1000))) < 0 && errno != EINTR)
        throw Failure(AIDC_FAILED, std::string("poll: ") + strerror(errno));
      if (polled[0].revents != 0) throw Failure(AIDC_ABORTED, "the group was aborted");
      if (polled[1].revents != 0) acceptAll();
      for (auto& call : calls_)
        if (ready(polled, call.fd)) advance(call);
      for (auto& caller : callers_)
        if (ready(polled, caller.fd)) hear(caller);
      const auto late = Clock::now() - kHelloWithin;
      callers_.remove_if([&](const Caller& caller) { return caller.done || caller.since < late; });
    }
    return std::move(sockets_);
  }

 private:
  std::vector<pollfd> descriptors(int abortFd) const {
    std::vector<pollfd> polled{{abortFd, POLLIN, 0}, {listener_.fd(), POLLIN, 0}};
    for (const auto& call : calls_)
      if (!call.answered) polled.push_back({call.fd.get(), static_cast<short>(call.connected ? POLLIN : POLLOUT), 0});
    for (const auto& caller : callers_) polled.push_back({caller.fd.get(), POLLIN, 0});
    return polled;
  }

  static bool ready(const std::vector<pollfd>& polled, const Fd& fd) {
    return fd && std::any_of(polled.begin() + 2, polled.end(), [&](const pollfd& p) { return p.fd == fd.get() && p.revents != 0; });
  }

  Call start(int rank) {
    const auto& address = addresses_[rank].socket;
    Call call{rank, Fd(::socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0))};
    if (!call.fd) throw Failure(AIDC_FAILED, std::string("socket: ") + strerror(errno));
    if (::connect(call.fd.get(), reinterpret_cast<const sockaddr*>(&address), lengthOf(address)) != 0 && errno != EINPROGRESS)
      refuse(rank, errno);
    return call;
  }

  // Addresses are given out only once their ranks listen: who refuses is gone, or has left for another generation.
  [[noreturn]] static void refuse(int rank, int error) {
    const bool closed = error == ECONNREFUSED || error == ECONNRESET || error == EPIPE || error == 0;
    throw Failure(AIDC_FAILED, "rank " + std::to_string(rank) + ": " + (error == 0 ? "closed the connection" : strerror(error)),
                  closed ? std::vector<int>{rank} : std::vector<int>{});
  }

  void advance(Call& call) {
    if (!call.connected) {
      int error = 0;
      socklen_t length = sizeof(error);
      ::getsockopt(call.fd.get(), SOL_SOCKET, SO_ERROR, &error, &length);
      if (error != 0) refuse(call.rank, error);
      call.connected = true;
      Hello hello{{}, static_cast<uint32_t>(rank_), addresses_[call.rank].nonce, listener_.address().nonce};
      memcpy(hello.magic, kMagic, sizeof(kMagic));
      if (::send(call.fd.get(), &hello, sizeof(hello), MSG_NOSIGNAL) != sizeof(hello)) refuse(call.rank, errno);
      return;
    }
    const auto n = ::recv(call.fd.get(), call.answer.data() + call.received, call.answer.size() - call.received, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) refuse(call.rank, n < 0 ? errno : 0);
    call.received += static_cast<size_t>(n);
    if (call.received < call.answer.size()) return;
    if (call.answer != listener_.address().nonce)
      throw Failure(AIDC_FAILED, "rank " + std::to_string(call.rank) + " answered with something else than was asked");
    call.answered = true;
    sockets_[call.rank] = std::move(call.fd);
  }

  void acceptAll() {
    for (;;) {
      Fd fd(::accept4(listener_.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (!fd) return;
      if (callers_.size() >= kMostStrangers + addresses_.size()) callers_.pop_front();
      callers_.emplace_back();
      callers_.back().fd = std::move(fd);
      callers_.back().since = Clock::now();
    }
  }

  // Who says something wrong, or nothing, is a stranger: let go, without harm to the group.
  void hear(Caller& caller) {
    auto* bytes = reinterpret_cast<uint8_t*>(&caller.hello) + caller.received;
    const auto n = ::recv(caller.fd.get(), bytes, sizeof(Hello) - caller.received, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n > 0) caller.received += static_cast<size_t>(n);
    if (n > 0 && caller.received < sizeof(Hello)) return;
    caller.done = true;
    const auto& hello = caller.hello;
    if (n <= 0 || memcmp(hello.magic, kMagic, sizeof(kMagic)) != 0 || hello.listener != listener_.address().nonce ||
        hello.rank >= addresses_.size() || static_cast<int>(hello.rank) <= rank_ ||
        hello.caller != addresses_[hello.rank].nonce || sockets_[hello.rank])
      return;
    if (::send(caller.fd.get(), hello.caller.data(), hello.caller.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(hello.caller.size()))
      return;
    sockets_[hello.rank] = std::move(caller.fd);
  }

  size_t missing() const {
    return static_cast<size_t>(std::count_if(sockets_.begin(), sockets_.end(), [](const Fd& fd) { return !fd; })) - 1;
  }

  std::string missingRanks() const {
    std::string text;
    for (size_t rank = 0; rank < sockets_.size(); rank++)
      if (static_cast<int>(rank) != rank_ && !sockets_[rank]) text += (text.empty() ? "rank " : ", ") + std::to_string(rank);
    return text;
  }

  Listener& listener_;
  const std::vector<Address>& addresses_;
  const int rank_;
  std::vector<Fd> sockets_;
  std::list<Call> calls_;
  std::list<Caller> callers_;
};

}  // namespace

std::vector<Fd> connectAll(Listener& listener, const std::vector<Address>& addresses, std::chrono::milliseconds timeout, int abortFd) {
  return Connecting(listener, addresses).run(Clock::now() + timeout, abortFd);
}

}  // namespace aidc
