using System.Diagnostics;

namespace AiDc.Testing;

/// <summary>Where the programs of a real control plane lie.</summary>
public sealed record KubeBinaries(string ApiServer, string Etcd, string Kubectl, string? ControllerManager, string? Scheduler)
{
    private static readonly Lazy<KubeBinaries> Found = new(Search);

    private readonly Lazy<Version> version = new(() => VersionOf(ApiServer));

    /// <summary>What kube-apiserver says it is, for example 1.20.2.</summary>
    public Version Version => version.Value;

    /// <summary>
    /// Looks in AIDC_KUBE_BIN, KUBEBUILDER_ASSETS (the convention of envtest) and the cache that <c>make setup</c> fills, the newest there
    /// first; etcd and kubectl may also be on the PATH. AIDC_KUBE_BIN is what <c>hack/test.sh</c> found.
    /// </summary>
    public static KubeBinaries Find() => Found.Value;

    private static KubeBinaries Search()
    {
        var cache = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "aidc", "kubernetes");
        var places = new[] { Environment.GetEnvironmentVariable("AIDC_KUBE_BIN"), Environment.GetEnvironmentVariable("KUBEBUILDER_ASSETS") }
            .OfType<string>().Where(place => place.Length > 0).Concat(Versions.NewestFirst(cache)).ToArray();
        var folder = places.FirstOrDefault(place => File.Exists(Path.Combine(place, "kube-apiserver")))
            ?? throw new FileNotFoundException($"No kube-apiserver in {string.Join(", ", places.Append(cache))}: run `make setup`, or set AIDC_KUBE_BIN.");
        var paths = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/bin").Append("/usr/local/bin");
        return new(Path.Combine(folder, "kube-apiserver"), FolderOrPath("etcd"), FolderOrPath("kubectl"), Optional("kube-controller-manager"), Optional("kube-scheduler"));

        string FolderOrPath(string name) => paths.Prepend(folder).Select(place => Path.Combine(place, name)).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException($"No {name} in {folder} nor on the PATH: run `make setup`.");

        string? Optional(string name) => File.Exists(Path.Combine(folder, name)) ? Path.Combine(folder, name) : null;
    }

    /// <summary>From a line such as <c>Kubernetes v1.36.2-rc.1+abc</c>.</summary>
    private static Version VersionOf(string program)
    {
        using var process = Process.Start(new ProcessStartInfo(program, "--version") { RedirectStandardOutput = true })!;
        var line = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        var text = line.Split(' ')[^1].TrimStart('v').Split('-', '+')[0];
        return Version.TryParse(text, out var version) ? version : throw new FormatException($"{program} --version says '{line}'");
    }
}

/// <summary>Folders named by the version of what lies in them.</summary>
internal static class Versions
{
    public static IEnumerable<string> NewestFirst(string folder) => !Directory.Exists(folder) ? [] : Directory.GetDirectories(folder)
        .OrderByDescending(place => Version.TryParse(Path.GetFileName(place).TrimStart('v'), out var version) ? version : new(0, 0));
}
