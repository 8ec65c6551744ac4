namespace AiDc.Testing;

/// <summary>Where the programs of a real control plane lie.</summary>
public sealed record KubeBinaries(string ApiServer, string Etcd, string? ControllerManager, string? Scheduler)
{
    /// <summary>
    /// Looks in AIDC_KUBE_BIN, KUBEBUILDER_ASSETS (the convention of envtest) and the cache that <c>make setup</c> fills;
    /// etcd may also be on the PATH.
    /// </summary>
    public static KubeBinaries Find()
    {
        var places = new[]
        {
            Environment.GetEnvironmentVariable("AIDC_KUBE_BIN"),
            Environment.GetEnvironmentVariable("KUBEBUILDER_ASSETS"),
            Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "aidc", "kubernetes", "v1.20.2"),
        }.Where(place => !string.IsNullOrEmpty(place)).Select(place => place!).ToArray();
        var folder = places.FirstOrDefault(place => File.Exists(Path.Combine(place, "kube-apiserver")))
            ?? throw new FileNotFoundException($"No kube-apiserver in {string.Join(", ", places)}: run `make setup`, or set AIDC_KUBE_BIN.");
        var paths = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/bin").Append("/usr/local/bin");
        var etcd = paths.Prepend(folder).Select(place => Path.Combine(place, "etcd")).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException($"No etcd in {folder} nor on the PATH: run `make setup`.");
        return new(Path.Combine(folder, "kube-apiserver"), etcd, Optional("kube-controller-manager"), Optional("kube-scheduler"));

        string? Optional(string name) => File.Exists(Path.Combine(folder, name)) ? Path.Combine(folder, name) : null;
    }
}
