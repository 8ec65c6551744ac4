using System.Diagnostics;
using System.Runtime.InteropServices;
using AiDc.Trainer.Distributed.Collectives;

namespace AiDc.Trainer.Tests.Distributed.Collectives;

/// <summary>A rank in a process of its own that does one collective over and over (trainer-image/native/test/peer.cc).</summary>
internal sealed partial class PeerProcess : IDisposable
{
    private const int SumElements = 1_000_000;

    /// <summary>128 MB: much more than the sockets hold, so that a transfer stops half-way.</summary>
    private const int BroadcastElements = 32_000_000;

    private readonly Process process;

    private PeerProcess(string ip, int rank, int size, string operation, IReadOnlyList<string> wrapper)
    {
        string[] command = [.. wrapper, Path.Combine(TestContext.CurrentContext.TestDirectory, "collectives_peer"), ip, $"{rank}", $"{size}", $"{(operation == "sum" ? SumElements : BroadcastElements)}", operation];
        process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        Address = Convert.FromHexString(process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("the peer printed no address"));
    }

    public byte[] Address { get; }

    /// <summary>Rank 0 in this process, over <paramref name="backend"/>, the others as processes.</summary>
    /// <param name="wrapper">What the processes are started with, for example a network namespace.</param>
    public static (ICollectiveGroup Group, PeerProcess[] Peers) Gang(
        GlooBackend backend, int size, string peerIp = "127.0.0.1", string operation = "sum", IReadOnlyList<string>? wrapper = null)
    {
        var pending = backend.Prepare(0, size, TimeSpan.FromMinutes(5));
        var peers = Enumerable.Range(1, size - 1).Select(rank => new PeerProcess(peerIp, rank, size, operation, wrapper ?? [])).ToArray();
        byte[][] addresses = [pending.Address, .. peers.Select(p => p.Address)];
        foreach (var peer in peers)
            peer.Give(addresses);
        return (pending.Connect(addresses, Collectives.Gang.Patience), peers);
    }

    /// <summary>Sums with the peers, in this process with libtorch's tensors.</summary>
    public static void Sum(ICollectiveGroup group)
    {
        using var tensor = TorchSharp.torch.ones([SumElements]);
        group.AllReduceSum(tensor);
    }

    /// <summary>Gives the peers, which were started for "broadcast", a tensor.</summary>
    public static void Broadcast(ICollectiveGroup group)
    {
        using var tensor = TorchSharp.torch.ones([BroadcastElements]);
        group.Broadcast(tensor, root: 0);
    }

    public void Stop() => Signal(19);

    public void Kill() => Signal(9);

    /// <returns>What it printed since its address, and its exit code.</returns>
    public (string Output, int ExitCode) End()
    {
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (output, process.ExitCode);
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        process.WaitForExit();
        process.Dispose();
    }

    private void Give(byte[][] addresses)
    {
        foreach (var address in addresses)
            process.StandardInput.WriteLine(Convert.ToHexStringLower(address));
        process.StandardInput.Flush();
    }

    private void Signal(int number) => Assert.That(SendSignal(process.Id, number), Is.Zero);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int pid, int signal);
}
