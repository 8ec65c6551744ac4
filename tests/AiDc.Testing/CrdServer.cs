namespace AiDc.Testing;

/// <summary>
/// The CRD machinery of a current Kubernetes (k8s.io/apiextensions-apiserver) next to a control plane of any version, which it asks who may do
/// what and whose etcd it uses under a prefix of its own. It serves definitions and their resources and nothing else: no /api, no namespaces.
/// </summary>
public sealed class CrdServer : IAsyncDisposable
{
    private readonly ChildProcess process;

    private CrdServer(ChildProcess process, Uri address) => (this.process, Address) = (process, address);

    public Uri Address { get; }

    /// <summary>AIDC_CRD_SERVER, else the newest that <c>hack/setup.sh crdserver</c> has built; null where there is none.</summary>
    public static string? Find()
    {
        if (Environment.GetEnvironmentVariable("AIDC_CRD_SERVER") is { Length: > 0 } given) return given;
        return Versions.NewestFirst(Cache).Select(folder => Path.Combine(folder, "crd-server")).FirstOrDefault(File.Exists);
    }

    /// <summary>Why there is none, as the set-up wrote it down.</summary>
    public static string WhyNone()
    {
        var reason = Path.Combine(Cache, "why-none");
        return $"no CRD server of a current Kubernetes in {Cache}: "
            + (File.Exists(reason) ? File.ReadAllText(reason).Trim() : "run hack/setup.sh crdserver");
    }

    public static async Task<CrdServer> StartAsync(ControlPlane plane, CancellationToken ct = default)
    {
        var program = Find() ?? throw new FileNotFoundException(WhyNone());
        var port = ControlPlane.FreePorts(1)[0];
        var address = new Uri($"https://127.0.0.1:{port}");
        var server = new CrdServer(new(program, Arguments(plane, port), Path.Combine(plane.Folder, "crd-server.log")), address);
        try
        {
            await plane.WaitReadyAsync(address, server.process, ct);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync()
    {
        process.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string Cache => Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "aidc", "crd-server");

    // What is switched off needs kinds that an old API server does not serve.
    private static IEnumerable<string> Arguments(ControlPlane plane, int port) =>
    [
        $"--kubeconfig={plane.KubeConfigFile}", $"--authentication-kubeconfig={plane.KubeConfigFile}", $"--authorization-kubeconfig={plane.KubeConfigFile}",
        $"--client-ca-file={plane.CaFile}", $"--etcd-servers={plane.EtcdAddress}", "--etcd-prefix=/crd-server", $"--secure-port={port}",
        "--bind-address=127.0.0.1", $"--tls-cert-file={plane.Pki.CertFile}", $"--tls-private-key-file={plane.Pki.KeyFile}",
        "--enable-priority-and-fairness=false",
        "--disable-admission-plugins=ValidatingAdmissionPolicy,MutatingAdmissionPolicy,MutatingAdmissionWebhook,ValidatingAdmissionWebhook,NamespaceLifecycle",
    ];
}
