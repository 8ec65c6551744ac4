using System.Diagnostics;

namespace AiDc.Trainer.Tests.Distributed.Collectives;

/// <summary>
/// A network namespace that stands for another node: a virtual cable between it and this process. Its end can be pulled out, or
/// packets be dropped without a word, as when a machine loses its power.
/// </summary>
internal sealed class TestNetwork : IDisposable
{
    // Each process has its own. A name of a device has at most 15 characters; the addresses are those for tests of network
    // devices (RFC 2544), four for each cable.
    private static readonly string Link = $"aidct{Environment.ProcessId}";
    private static readonly string Subnet = $"198.{18 + (Environment.ProcessId >> 14 & 1)}.{Environment.ProcessId >> 6 & 255}";
    private static readonly int FirstHost = Environment.ProcessId % 64 * 4;
    private readonly string name = $"aidc-test-{Environment.ProcessId}";

    private TestNetwork()
    {
        Run("ip", "netns", "add", name);
        Run("ip", "link", "add", Link, "type", "veth", "peer", "name", Link, "netns", name);
        Run("ip", "address", "add", $"{OurAddress}/30", "dev", Link);
        Run("ip", "link", "set", Link, "up");
        Inside("ip", "link", "set", "lo", "up");
        Inside("ip", "address", "add", $"{TheirAddress}/30", "dev", Link);
        Inside("ip", "link", "set", Link, "up");
    }

    public static string OurAddress => $"{Subnet}.{FirstHost + 1}";

    public static string TheirAddress => $"{Subnet}.{FirstHost + 2}";

    /// <summary>Starts a program on the other node.</summary>
    public IReadOnlyList<string> Wrapper => ["ip", "netns", "exec", name];

    public static TestNetwork CreateOrIgnore()
    {
        if (Environment.UserName != "root")
            Assert.Ignore("network namespaces need root");
        foreach (var program in (string[])["ip", "iptables"])
            if (!"/usr/sbin /sbin /usr/bin /bin".Split(' ').Any(folder => File.Exists(Path.Combine(folder, program))))
                Assert.Ignore($"{program} is not installed");
        return new TestNetwork();
    }

    public void PullTheCable() => Inside("ip", "link", "set", Link, "down");

    public void DropSilently()
    {
        Inside("iptables", "-I", "INPUT", "-j", "DROP");
        Inside("iptables", "-I", "OUTPUT", "-j", "DROP");
    }

    public void Dispose()
    {
        // The cable goes with the namespace, though a moment later.
        Run("ip", "link", "delete", Link);
        Run("ip", "netns", "delete", name);
    }

    private void Inside(params string[] command) => Run([.. Wrapper, .. command]);

    private static void Run(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{string.Join(' ', command)}: {error}");
    }
}
