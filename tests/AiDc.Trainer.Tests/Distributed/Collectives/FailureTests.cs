using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using AiDc.Trainer.Distributed.Collectives;
using static TorchSharp.torch;

namespace AiDc.Trainer.Tests.Distributed.Collectives;

/// <summary>What a rank is told when a peer is gone, and what a group leaves behind.</summary>
[TestFixture]
internal sealed class FailureTests
{
    [Test]
    public void A_killed_process_ends_the_collective_and_is_named([Values(2, 3, 4)] int size)
    {
        var (group, peers) = PeerProcess.Gang(Gang.Backend, size);
        using var cleanUp = new Cleanup([group, .. peers]);
        var running = new HangingCollective(group);
        running.WaitForRounds();

        peers[^1].Kill();
        var error = running.WaitForFailure();

        // Others that failed because of it may have closed their connections by now, too.
        Assert.That(error, Is.TypeOf<CollectiveException>());
        Assert.That(error.ClosedRanks, Does.Contain(size - 1));
        Assert.That(error.Message, Does.Contain("connection closed by rank"));
        Assert.That(group.Barrier, Throws.TypeOf<CollectiveException>().With.Property("ClosedRanks").EqualTo(error.ClosedRanks), "once failed, always failed");
        Assert.That(peers[..^1].Select(p => p.End().ExitCode), Is.All.EqualTo(1), "every other rank learns of it as well");
    }

    /// <summary>Gloo by itself tells only operations that wait for their turn, not the one half-way through the socket.</summary>
    [Test]
    public void A_process_that_dies_in_the_middle_of_a_large_message_ends_the_collective()
    {
        var (group, peers) = PeerProcess.Gang(Gang.Backend, 2, operation: "broadcast");
        using var cleanUp = new Cleanup([group, .. peers]);
        var running = new HangingCollective(group, PeerProcess.Broadcast);
        running.WaitForRounds(3);
        peers[0].Stop();
        running.WaitUntilItHangs();

        peers[0].Kill();

        Assert.That(running.WaitForFailure().ClosedRanks, Is.EqualTo((int[])[1]));
    }

    [Test]
    public void A_time_out_names_nobody()
    {
        var groups = Gang.Connect(2, TimeSpan.FromMilliseconds(200));

        Assert.That(groups[0].Barrier, Throws.TypeOf<CollectiveException>().With.Property("ClosedRanks").Empty.And.Message.Contain("Timed out"));
        Array.ForEach(groups, g => g.Dispose());
    }

    [Test]
    public void Ranks_that_disagree_on_the_size_of_a_tensor_get_an_error_and_no_crash()
    {
        var groups = Gang.Connect(2, TimeSpan.FromSeconds(2));

        var errors = Gang.OnThreads(groups, group =>
        {
            using var tensor = ones([group.Rank == 0 ? 10 : 100_000]);
            try
            {
                group.AllReduceSum(tensor);
                return null;
            }
            catch (CollectiveException e)
            {
                return e;
            }
        });

        Assert.That(errors.Any(e => e is not null));
        Array.ForEach(groups, g => g.Dispose());
    }

    [Test]
    public void A_peer_that_is_gone_before_it_connected_is_named()
    {
        var pending = Gang.Prepare(Gang.Backend, 2);
        byte[][] addresses = [.. pending.Select(p => p.Address)];
        pending[0].Dispose();

        Assert.That(() => pending[1].Connect(addresses, Gang.Patience), Throws.TypeOf<CollectiveException>().With.Property("ClosedRanks").EqualTo((int[])[0]));
        pending[1].Dispose();
    }

    [Test]
    public void Connecting_to_a_peer_that_does_not_come_times_out_and_names_nobody_as_closed()
    {
        var pending = Gang.Prepare(Gang.Backend, 3);
        byte[][] addresses = [.. pending.Select(p => p.Address)];

        Assert.That(
            () => pending[0].Connect(addresses, TimeSpan.FromMilliseconds(100)),
            Throws.TypeOf<CollectiveException>().With.Property("ClosedRanks").Empty.And.Message.Contain("rank 1, 2"));
        Array.ForEach(pending, p => p.Dispose());
    }

    [Test]
    public void Strangers_at_the_door_do_not_keep_a_group_from_connecting()
    {
        var pending = Gang.Prepare(Gang.Backend, 2);
        byte[][] addresses = [.. pending.Select(p => p.Address)];
        // The layout of an address: the port is at byte 6, the host at byte 8.
        var port = (addresses[0][6] << 8) | addresses[0][7];
        using var silent = new TcpClient();
        using var talkative = new TcpClient();
        silent.Connect(IPAddress.Loopback, port);
        talkative.Connect(IPAddress.Loopback, port);
        talkative.GetStream().Write(new byte[100]);

        var sums = Gang.OnThreads(pending, p =>
        {
            using var group = p.Connect(addresses, Gang.Patience);
            using var tensor = ones([10]);
            group.AllReduceSum(tensor);
            return tensor[0].item<float>();
        });

        Assert.That(sums, Is.All.EqualTo(2f));
    }

    [Test]
    public void Strangers_that_say_nothing_are_let_go_and_take_no_descriptors_without_bound()
    {
        const int strangers = 300;
        var pending = Gang.Prepare(Gang.Backend, 2);
        byte[][] addresses = [.. pending.Select(p => p.Address)];
        var port = (addresses[0][6] << 8) | addresses[0][7];
        var first = new Thread(() => Gang.OnThreads([pending[0]], p => Assert.Catch<CollectiveException>(() => p.Connect(addresses, TimeSpan.FromSeconds(20)))));
        first.Start();
        var silent = new List<Socket>();
        try
        {
            for (var i = 0; i < strangers; i++)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                socket.Connect(IPAddress.Loopback, port);
                silent.Add(socket);
            }

            // The oldest were let go while the newest still may speak.
            Assert.That(() => silent.Count(IsClosed), Is.GreaterThanOrEqualTo(strangers - 100).After(15_000, 10));
        }
        finally
        {
            pending[0].Abort();
            first.Join();
            silent.ForEach(s => s.Dispose());
            pending[1].Dispose();
        }

        static bool IsClosed(Socket socket) => socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0;
    }

    [Test]
    public void Two_hundred_groups_leave_no_thread_no_descriptor_and_no_memory_behind()
    {
        for (var i = 0; i < 20; i++)
            OneLife(i);
        var (threads, descriptors, memory) = (Gang.Threads(), Descriptors(), Resident());

        for (var i = 0; i < 200; i++)
            OneLife(i);

        // .NET's pool may have started a few threads meanwhile; 200 groups of 2 ranks would be 400.
        Assert.That(SpinWait.SpinUntil(() => Gang.Threads() <= threads + 10, Gang.Patience), $"{threads} threads before, {Gang.Threads()} after");
        Assert.That(Descriptors(), Is.LessThanOrEqualTo(descriptors + 10));
        TestContext.Out.WriteLine($"resident memory: {memory >> 20} MiB before, {Resident() >> 20} MiB after 200 groups");
        Assert.That(Resident(), Is.LessThan(memory + (64L << 20)), "each group sums 4 MB");
    }

    /// <summary>Ends in one of three ways.</summary>
    private static void OneLife(int i)
    {
        var groups = Gang.Connect(2);
        Gang.OnThreads(groups, group =>
        {
            PeerProcess.Sum(group);
            if (i % 3 == 1)
                group.Abort();
            group.Dispose();
            return true;
        });
        using var pending = Gang.Backend.Prepare(0, 2, Gang.Patience);
        if (i % 3 == 2)
            pending.Abort();
    }

    private static int Descriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Length;

    private static long Resident()
    {
        GC.Collect();
        using var self = Process.GetCurrentProcess();
        return self.WorkingSet64;
    }
}
