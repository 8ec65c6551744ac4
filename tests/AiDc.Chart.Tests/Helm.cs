using AiDc.Testing;

namespace AiDc.Chart.Tests;

/// <summary>
/// The real helm: that of AIDC_HELM, of the PATH, or of the cache that <c>hack/setup.sh helm</c> fills. Without one the test is skipped and says so.
/// </summary>
internal static class Helm
{
    private static readonly string Home = Directory.CreateTempSubdirectory("aidc-helm-").FullName;

    public static string Chart { get; } = Path.Combine(Root(), "charts", "aidc");

    public static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "AiDc.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }

    /// <summary>Runs it where it has to succeed.</summary>
    public static string Run(params string[] arguments) => RunOn(null, arguments);

    public static string RunOn(string? kubeConfig, params string[] arguments)
    {
        var result = Try(kubeConfig, arguments);
        Assert.That(result.ExitCode, Is.Zero, $"helm {string.Join(' ', arguments)}: {result.Error}{result.Output}");
        return result.Output;
    }

    public static CommandResult Try(string? kubeConfig, params string[] arguments)
    {
        var environment = new Dictionary<string, string> { ["KUBECONFIG"] = kubeConfig ?? "/dev/null" };
        foreach (var folder in new[] { "CACHE", "CONFIG", "DATA" }) environment[$"HELM_{folder}_HOME"] = Path.Combine(Home, folder);
        return Command.TryAsync(Program(), arguments, environment).GetAwaiter().GetResult();
    }

    /// <summary>The kubectl that came with helm, of its age; where there is none, that of the binaries.</summary>
    public static string Kubectl()
    {
        var next = Path.Combine(Path.GetDirectoryName(Program())!, "kubectl");
        return File.Exists(next) ? next : KubeBinaries.Find().Kubectl;
    }

    private static string Program()
    {
        var cache = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "aidc", "helm");
        var program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, "helm"))
            .Prepend(Environment.GetEnvironmentVariable("AIDC_HELM") ?? "")
            .Concat(Directory.Exists(cache) ? Directory.GetDirectories(cache).OrderDescending().Select(folder => Path.Combine(folder, "helm")) : [])
            .FirstOrDefault(File.Exists);
        if (program is null) Assert.Ignore("no helm on the PATH, and hack/setup.sh helm has fetched none");
        return program!;
    }
}
