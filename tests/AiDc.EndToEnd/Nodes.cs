namespace AiDc.EndToEnd;

/// <summary>The power of the local cluster's nodes. On any other cluster there is nothing to switch, and the test is skipped.</summary>
internal static class Nodes
{
    public static void RequireLocalCluster()
    {
        if (Shell.Try(Script, null, "is-up").Code != 0)
            Assert.Ignore("needs the local cluster, whose nodes it powers off");
    }

    /// <param name="how">link, drop or kill, as hack/cluster.sh knows them.</param>
    /// <returns>Powers the node on again when disposed, so that the next test finds it.</returns>
    public static IDisposable PowerOff(string node, string how)
    {
        Shell.Run(Script, "power-off", node, how);
        return new PowerOn(node);
    }

    private static string Script { get; } = Path.Combine(Root(), "hack", "cluster.sh");

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "AiDc.sln")))
                return folder.FullName;
        throw new InvalidOperationException("AiDc.sln is in no parent folder of this program");
    }

    private sealed class PowerOn(string node) : IDisposable
    {
        public void Dispose() => Shell.Run(Script, "power-on", node);
    }
}
